# The command line's own sources.
target_sources(test_manifest PRIVATE
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/source.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/manifest.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/csv.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/json_rows.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/options.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/output.c)
target_include_directories(test_manifest PRIVATE ${PROJECT_SOURCE_DIR}/certprep/cli/onboard)
