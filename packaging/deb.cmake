# Debian packages by CPack: certprep, libcertprep0, libesaclient0, libcertprep-dev. deb/build.sh makes
# them; finish.cmake does in the staged tree what debhelper would.
set(CERTPREP_MAINTAINER "certprep maintainers <maintainers@certprep.example>"
    CACHE STRING "Who answers for the packages")
set(CERTPREP_HOMEPAGE "" CACHE STRING "Where the project lives")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME certprep)
set(CPACK_PACKAGE_VENDOR certprep)
set(CPACK_PACKAGE_CONTACT "${CERTPREP_MAINTAINER}")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL tool libcertprep libesaclient dev)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_BINARY_DIR}/finish.cmake)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "${CERTPREP_HOMEPAGE}")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/certprep)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

# A description's first line is the synopsis: no common one is put before it.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_NAME} built using CMake") # CPack's own word for none
set(CPACK_DEBIAN_TOOL_PACKAGE_NAME certprep)
set(CPACK_DEBIAN_TOOL_PACKAGE_SECTION utils)
# Loaded at run time, by the commands that need them.
set(CPACK_DEBIAN_TOOL_PACKAGE_RECOMMENDS
    "ca-certificates, libcurl4, libsqlite3-0, libc-ares2, libyaml-0-2")
set(CPACK_COMPONENT_TOOL_DESCRIPTION "judge certificate bundles, and submit only what is right
certprep says what is wrong with a certificate, its chain and its private
key, with file, line and the way to repair it; writes them as a server or
a content delivery network wants them; and submits custom hostnames to
Alibaba Cloud ESA, after all of its checks.")

set(CPACK_DEBIAN_LIBCERTPREP_PACKAGE_NAME libcertprep0)
set(CPACK_DEBIAN_LIBCERTPREP_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_LIBCERTPREP_DESCRIPTION "certificate validation and preparation, library
libcertprep reads certificates, chains and private keys, judges them by a
table of checks, and prepares them for an upload. It never prints, and uses
no network.")

set(CPACK_DEBIAN_LIBESACLIENT_PACKAGE_NAME libesaclient0)
set(CPACK_DEBIAN_LIBESACLIENT_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBESACLIENT_PACKAGE_DEPENDS
    "libcertprep0 (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_LIBESACLIENT_PACKAGE_RECOMMENDS "libcurl4, ca-certificates")
set(CPACK_COMPONENT_LIBESACLIENT_DESCRIPTION "client of Alibaba Cloud ESA's custom hostnames, library
libesaclient signs and sends the requests that create, change, list and
delete custom hostnames, and says of each whether it was accepted, refused,
or whether that is unknown.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libcertprep-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libcertprep0 (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}), libesaclient0 (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS OFF)
set(CPACK_COMPONENT_DEV_DESCRIPTION "certificate validation and preparation, development files
Headers, pkg-config files and CMake targets of libcertprep and libesaclient.")

foreach(component IN ITEMS LIBCERTPREP LIBESACLIENT)
    set(CPACK_DEBIAN_${component}_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_SOURCE_DIR}/deb/triggers)
endforeach()
configure_file(deb/finish.cmake.in finish.cmake @ONLY)
configure_file(deb/changelog.in changelog.Debian @ONLY)
include(CPack)
