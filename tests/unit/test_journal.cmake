# The command line's own sources.
target_sources(test_journal PRIVATE
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/sqlite.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/journal.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/journal_open.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/rows.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/rows_names.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/rows_open.c
    ${PROJECT_SOURCE_DIR}/certprep/cli/onboard/row.c)
target_include_directories(test_journal PRIVATE ${PROJECT_SOURCE_DIR}/certprep/cli/onboard)
target_include_directories(test_journal SYSTEM PRIVATE ${SQLITE3_INCLUDE_DIRS})
