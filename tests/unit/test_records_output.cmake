target_sources(test_records_output PRIVATE
    ${PROJECT_SOURCE_DIR}/certprep/cli/records_output.c ${PROJECT_SOURCE_DIR}/certprep/cli/json.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/save_file.c)
target_include_directories(test_records_output PRIVATE ${PROJECT_SOURCE_DIR}/certprep/cli
    ${PROJECT_SOURCE_DIR})
