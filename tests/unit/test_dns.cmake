# The command line's own sources.
target_sources(test_dns PRIVATE
    ${PROJECT_SOURCE_DIR}/certprep/cli/dns/cares.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/dns/parse.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/dns/client.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/dns/gather.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/dns/judge.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/dns/judge_caa.c)
target_include_directories(test_dns SYSTEM PRIVATE ${CARES_INCLUDE_DIRS})
