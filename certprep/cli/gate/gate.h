/* gate: every certificate and key of a tree of files, matched by key and judged.
 *
 *   operands -> gate_files (paths) -> gate_extract (parts: what may be read as one input)
 *            -> gate_index (facts: which certificate, which key stands where) -> gate_units (a
 *               bundle and a report for each distinct leaf) -> cp_run
 *
 * What could not be read is never passed over in silence: it is an unread of the run. */
#ifndef CP_CLI_GATE_H
#define CP_CLI_GATE_H

#include "../cli.h"
#include "../policy_options.h"
#include "bundle.h"

#define GATE_MAX_FILES ((size_t)1000000) /* of one run */
#define GATE_MAX_DEPTH 64                /* folders in folders */
#define GATE_MAX_PATH 4096
#define GATE_MAX_LIST ((size_t)256 * 1024 * 1024)   /* names that git or --files-from give */
#define GATE_MAX_SEARCH ((size_t)256 * 1024 * 1024) /* text that is searched for PEM */
#define GATE_MAX_PARTS ((size_t)200000)             /* inputs in all files */
#define GATE_MAX_UNITS ((size_t)100000)
#define GATE_MAX_KEPT ((size_t)2 * 1024 * 1024 * 1024) /* bytes that reports hold on to */

/* ---- unread: files that could not be read or judged ---- */

struct gate_unread {
    char *file;
    char *message;
};

struct gate_unreads {
    struct gate_unread *items;
    size_t num, cap;
};

/* Copies both. False: out of memory. */
bool gate_unread_add(struct gate_unreads *unreads, const char *file, const char *message);
void gate_unreads_cleanup(struct gate_unreads *unreads);

/* ---- files ---- */

struct gate_file {
    char *path;      /* as it is shown, and opened */
    size_t root_len; /* that much of it the user named: links in it are followed, none behind it */
    bool named;      /* by the user, one by one: what it is not is said */
};

struct gate_files {
    struct gate_file *items; /* sorted by path, each once */
    size_t num, cap;
    size_t num_passed_over; /* links, pipes, devices; and what --include and --exclude leave out */
    struct cli_list includes, excludes; /* patterns */
    const char *changed_since;          /* a revision; NULL: all files */
    struct gate_unreads *unreads;
};

/* One operand: a file, a folder, or "-". */
CP_MUST_USE enum cp_status gate_files_add(struct gate_files *files, const char *operand,
                                          struct cp_error *err);
/* The operands that a file (or "-") lists, separated by NUL if there is one, else by line ends. */
CP_MUST_USE enum cp_status gate_files_add_list(struct gate_files *files, const char *list,
                                               struct cp_error *err);
/* For the readers of folders. path: copied. */
CP_MUST_USE enum cp_status gate_files_put(struct gate_files *files, const char *path,
                                          size_t root_len, bool named, struct cp_error *err);
bool gate_files_wants(const struct gate_files *files, const char *path, size_t root_len);
void gate_files_sort(struct gate_files *files);
void gate_files_cleanup(struct gate_files *files);

/* A folder's files, by names in the order of the file system. */
CP_MUST_USE enum cp_status gate_walk(struct gate_files *files, const char *folder, size_t root_len,
                                     struct cp_error *err);
/* *listed is false where folder is in no work tree or git can't list it: then it is walked. */
CP_MUST_USE enum cp_status gate_git_list(struct gate_files *files, bool *listed, const char *folder,
                                         size_t root_len, struct cp_error *err);

/* For reading; -1 and errno. Symbolic links behind root_len are not followed (ELOOP). Never waits
 * for a pipe's other end. */
int gate_open(const struct gate_file *file);

/* ---- parts ---- */

/* Where a block of a part stands in the file. */
struct gate_spot {
    size_t text_offset; /* in the part's text, of the block's BEGIN */
    size_t line, offset;
};

/* What is read as one input: a whole file, the PEM blocks in another text, or one Secret. */
struct gate_part {
    struct cp_secret text;
    struct gate_spot *spots; /* NULL: the text is the file itself */
    size_t num_spots;
    char name[160]; /* "Secret shop/tls"; "": the file */
    bool is_secret; /* its key and its certificate are meant for each other */
};

struct gate_parts {
    struct gate_part *items;
    size_t num, cap;
};

/* Reads a file and takes out of it what may hold certificates or keys; none where there is nothing.
 * A failure is of the file: it goes to the unreads. */
CP_MUST_USE enum cp_status gate_extract(struct gate_parts *out, const struct gate_file *file,
                                        struct cp_error *err);
void gate_parts_cleanup(struct gate_parts *parts);
/* A part with room for cap bytes of text; NULL and err. */
CP_MUST_USE enum cp_status gate_parts_new(struct gate_parts *parts, struct gate_part **out,
                                          size_t cap, struct cp_error *err);
CP_MUST_USE enum cp_status gate_part_spot(struct gate_part *part, size_t line, size_t offset,
                                          struct cp_error *err);

/* PEM blocks inside text of another kind, with what that kind does to them: indentation, comment
 * signs, quotes, joined strings, escapes; and base64 of PEM. Lines from..to (of each skip) belong
 * to another part. */
struct gate_lines {
    size_t from, to;
};
CP_MUST_USE enum cp_status gate_inline(struct gate_parts *parts, struct cp_span text,
                                       const struct gate_lines *skip, size_t num_skip,
                                       struct cp_error *err);
/* One value that holds PEM: appended with its spots; base64 of it is undone. What is neither is
 * passed over. */
CP_MUST_USE enum cp_status gate_part_add_value(struct gate_part *part, struct cp_span value,
                                               bool is_base64, bool is_block, size_t line,
                                               size_t offset, struct cp_error *err);

/* Secrets of Kubernetes in YAML or JSON; *skip are their lines, for free(). A text that is not YAML
 * has none. */
CP_MUST_USE enum cp_status gate_secrets(struct gate_parts *parts, struct gate_lines **skip,
                                        size_t *num_skip, struct cp_span text,
                                        struct cp_error *err);

/* ---- index ---- */

struct gate_source {
    size_t file;                  /* index of files */
    size_t part;                  /* of that file */
    char *label;                  /* what it is called */
    size_t first_cert, num_certs; /* of index->certs */
    size_t first_key, num_keys;   /* of index->keys */
    size_t num_leaves;
    uint64_t folder; /* equal for files of one folder */
    bool is_secret;
    bool has_defects, is_judged; /* the defects were in a report */
};

struct gate_cert {
    size_t source;
    uint8_t sha256[32], spki_sha256[32];
    uint64_t subject_hash, issuer_hash;
    bool is_ca;
    bool is_alone; /* self-issued: nothing above it */
};

struct gate_key {
    size_t source;
    uint8_t spki_sha256[32];
    bool has_public;
    bool is_named; /* a report has it */
};

struct gate_index {
    const struct gate_files *files;
    struct gate_source *sources;
    size_t num_sources, cap_sources;
    struct gate_cert *certs;
    size_t num_certs, cap_certs;
    struct gate_key *keys;
    size_t num_keys, cap_keys;
    struct cp_pool *pool; /* CA certificates of the tree */
    struct gate_unreads *unreads;
    struct cp_secret passphrase; /* of encrypted keys; empty: none was given */
    struct gate_parts standard_input;
    struct gate_parts cached; /* of the file that was read last */
    size_t cached_file;
    bool has_standard_input, has_cached;
};

/* Reads every file once. progress may be NULL. */
typedef void gate_progress_fn(void *context, const char *what, size_t done, size_t of);

CP_MUST_USE enum cp_status gate_index_read(struct gate_index *index, gate_progress_fn *progress,
                                           void *context, struct cp_error *err);
void gate_index_cleanup(struct gate_index *index);
/* The parts of a file, read again if they are not at hand. */
CP_MUST_USE enum cp_status gate_index_parts(struct gate_index *index, const struct gate_parts **out,
                                            size_t file, struct cp_error *err);
/* Adds a source of the index to a bundle. *source is its index in the bundle. A pass phrase that is
 * not this key's leaves the key encrypted. */
CP_MUST_USE enum cp_status gate_index_add(struct gate_index *index, struct cp_bundle *bundle,
                                          size_t *source, size_t which, enum cp_role role,
                                          struct cp_error *err);
/* Adds a part to a bundle under its file's name, its places those of the file. *source is its index
 * in the bundle. */
CP_MUST_USE enum cp_status gate_bundle_add(struct cp_bundle *bundle, size_t *source,
                                           const struct gate_part *part, const char *path,
                                           enum cp_role role, struct cp_error *err);

/* ---- units ---- */

/* Takes out of a bundle what came from a source and is not to be kept. cert: NULL keeps none. */
typedef bool gate_keep_cert_fn(const void *context, const struct cp_cert *cert);
typedef bool gate_keep_key_fn(const void *context, const struct cp_key *key);
void gate_bundle_keep_certs(struct cp_bundle *bundle, size_t source, gate_keep_cert_fn *keep,
                            const void *context);
void gate_bundle_keep_keys(struct cp_bundle *bundle, size_t source, gate_keep_key_fn *keep,
                           const void *context);
void gate_bundle_drop_defects(struct cp_bundle *bundle, size_t source);

struct gate_unit {
    char *label;
    struct cp_bundle *bundle;
    struct cp_report *report;
};

struct gate_units {
    struct gate_unit *items;
    size_t num, cap;
    size_t kept_len;
};

struct gate_judging {
    struct gate_index *index;
    struct cp_checker *checker;
    const struct cp_check_options *options;
    const struct cli_list *allowed_keys;
    struct cli_policy *policy; /* whose hostnames are expected of which file; NULL: none */
};

CP_MUST_USE enum cp_status gate_units_judge(struct gate_units *units,
                                            const struct gate_judging *judging,
                                            gate_progress_fn *progress, void *context,
                                            struct cp_error *err);
void gate_units_cleanup(struct gate_units *units);

/* Room for one more of size bytes each; false: out of memory or over max. */
bool gate_grow(void **items, size_t *cap, size_t num, size_t size, size_t max);

#endif
