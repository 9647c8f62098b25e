# The command line's own sources, and the system calls that the faults stand in for.
target_sources(test_write_files PRIVATE
    ${PROJECT_SOURCE_DIR}/certprep/cli/write_files.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/recover_files.c)
target_include_directories(test_write_files PRIVATE ${PROJECT_SOURCE_DIR}/certprep/cli)
target_link_options(test_write_files PRIVATE
    -Wl,--wrap=openat,--wrap=write,--wrap=fsync,--wrap=fchmod,--wrap=linkat
    -Wl,--wrap=renameat,--wrap=renameat2,--wrap=unlinkat)
