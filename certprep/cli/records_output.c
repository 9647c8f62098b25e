/* The customer's records: which there are, whether they can be trusted, and their three forms. */
#include "records_output.h"

#include <string.h>
#include <strings.h>

#define MAX_NAME_LEN 253
#define MAX_LABEL_LEN 63
#define MAX_STRING_LEN 255 /* of one character-string of a TXT record, RFC 1035 3.3 */

enum cp_status cli_records_form_parse(enum cli_records_form *out, const char *word,
                                      struct cp_error *err) {
    static const char *const words[] = {
        [CLI_RECORDS_TEXT] = "text", [CLI_RECORDS_JSON] = "json", [CLI_RECORDS_ZONE] = "zone"};
    *out = CLI_RECORDS_NONE;
    for (size_t i = CLI_RECORDS_TEXT; word != NULL && i <= CLI_RECORDS_ZONE; i++)
        if (strcmp(word, words[i]) == 0)
            *out = (enum cli_records_form)i;
    return word == NULL || *out != CLI_RECORDS_NONE
               ? CP_OK
               : cp_fail(err, CP_ERR_USAGE, "--records '%.20s': want text, json or zone", word);
}

static bool take(char *to, size_t size, const char *from) {
    if (from[0] == '\0' || strcmp(to, from) == 0)
        return false;
    snprintf(to, size, "%s", from);
    return true;
}

bool cli_records_see(struct cli_records *set, const struct esa_hostname *found) {
    bool changed = take(set->hostname, sizeof(set->hostname), found->hostname);
    changed |= take(set->verify_host, sizeof(set->verify_host), found->verify_host);
    changed |= take(set->verify_code, sizeof(set->verify_code), found->verify_code);
    changed |= take(set->cert_txt_key, sizeof(set->cert_txt_key), found->cert_txt_key);
    changed |= take(set->cert_txt_value, sizeof(set->cert_txt_value), found->cert_txt_value);
    changed |= take(set->cert_http_key, sizeof(set->cert_http_key), found->cert_http_key);
    changed |= take(set->cert_http_value, sizeof(set->cert_http_value), found->cert_http_value);
    return changed;
}

/* Letters, digits, hyphen, underscore and a leading "*": what names of this service are made of.
 * Anything else would have to be escaped in a zone, and is more likely an attack than a name. */
static bool is_dns_name(const char *name) {
    size_t len = strlen(name), label = 0;
    if (len > 0 && name[len - 1] == '.')
        len--;
    if (len == 0 || len > MAX_NAME_LEN)
        return false;
    for (size_t i = strncmp(name, "*.", 2) == 0 ? 2 : 0; i < len; i++) {
        char c = name[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (c == '.' ? label == 0 : !is_letter || label == MAX_LABEL_LEN)
            return false;
        label = c == '.' ? 0 : label + 1;
    }
    return label != 0;
}

/* Models hold text in its escaped form: a backslash says that the service sent something else. */
static bool is_plain(const char *text) {
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7E || *text == '\\')
            return false;
    return true;
}

/* Is name the hostname (without "*.") or below it? A service, or who speaks for it, has no business
 * with a customer's other names. */
static bool is_below(const char *name, const char *hostname) {
    if (strncmp(hostname, "*.", 2) == 0)
        hostname += 2;
    if (strncmp(name, "*.", 2) == 0)
        name += 2;
    size_t len = strlen(name), base = strlen(hostname);
    if (len > 0 && name[len - 1] == '.')
        len--;
    if (base == 0 || len < base || strncasecmp(name + len - base, hostname, base) != 0)
        return false;
    return len == base || name[len - base - 1] == '.';
}

static const char *doubt_of(const struct cli_record_row *row, const char *hostname) {
    bool is_cname = strcmp(row->type, "CNAME") == 0;
    if (!is_plain(row->name) || !is_plain(row->value))
        return "it has characters that no such record has";
    if (strcmp(row->type, "HTTP") == 0)
        return NULL;
    if (!is_dns_name(row->name) || (is_cname && !is_dns_name(row->value)))
        return "not a valid DNS name";
    return is_below(row->name, hostname) ? NULL : "not a name of the hostname or below it";
}

size_t cli_records_rows(struct cli_record_row rows[CLI_MAX_RECORD_ROWS],
                        const struct cli_records *set) {
    const struct cli_record_row all[CLI_MAX_RECORD_ROWS] = {
        {"ownership", "TXT", set->verify_host, set->verify_code, NULL},
        {"certificate", "TXT", set->cert_txt_key, set->cert_txt_value, NULL},
        {"certificate", "HTTP", set->cert_http_key, set->cert_http_value, NULL},
        {"traffic", "CNAME", set->hostname, set->cname, NULL},
    };
    size_t num = 0;
    for (size_t i = 0; i < CLI_MAX_RECORD_ROWS; i++) {
        if (all[i].name[0] == '\0' || all[i].value[0] == '\0')
            continue;
        rows[num] = all[i];
        rows[num].doubt = doubt_of(&all[i], set->hostname);
        num++;
    }
    return num;
}

void cli_records_put_text(struct cp_buf *out, const struct cli_records *set, const char *indent) {
    struct cli_record_row rows[CLI_MAX_RECORD_ROWS];
    size_t num = cli_records_rows(rows, set), name_width = 0;
    for (size_t i = 0; i < num; i++)
        if (strlen(rows[i].name) > name_width && strcmp(rows[i].type, "HTTP") != 0)
            name_width = strlen(rows[i].name);
    for (size_t i = 0; i < num; i++) {
        cp_buf_printf(out, "%s%-11s  %-5s  %-*s  %s", indent, rows[i].purpose, rows[i].type,
                      (int)name_width, rows[i].name, rows[i].value);
        if (rows[i].doubt != NULL)
            cp_buf_printf(out, "  (do not publish: %s)", rows[i].doubt);
        cp_buf_puts(out, "\n");
    }
}

static void put_zone_name(struct cp_buf *out, const char *name) {
    size_t len = strlen(name);
    cp_buf_printf(out, "%s%s", name, len > 0 && name[len - 1] == '.' ? "" : ".");
}

/* Quoted strings of at most 255 bytes; a resolver joins them again. */
static void put_zone_text(struct cp_buf *out, const char *text) {
    size_t len = strlen(text), at = 0;
    do {
        size_t piece = len - at < MAX_STRING_LEN ? len - at : MAX_STRING_LEN;
        cp_buf_puts(out, at == 0 ? "\"" : " \"");
        for (size_t i = at; i < at + piece; i++) {
            unsigned char c = (unsigned char)text[i];
            if (c == '"' || c == '\\')
                cp_buf_printf(out, "\\%c", c);
            else if (c < 0x20 || c > 0x7E)
                cp_buf_printf(out, "\\%03u", (unsigned)c);
            else
                cp_buf_append(out, text + i, 1);
        }
        cp_buf_puts(out, "\"");
        at += piece;
    } while (at < len);
}

/* One line whatever text holds. */
static void put_comment(struct cp_buf *out, const char *text) {
    for (; *text != '\0'; text++)
        cp_buf_printf(out, (unsigned char)*text < 0x20 || *text == 0x7F ? "?" : "%c", *text);
}

void cli_records_put_zone(struct cp_buf *out, const struct cli_records *set) {
    struct cli_record_row rows[CLI_MAX_RECORD_ROWS];
    size_t num = cli_records_rows(rows, set);
    cp_buf_puts(out, "; ");
    put_comment(out, set->hostname);
    cp_buf_puts(out, num == 0 ? ": no record is known\n" : "\n");
    for (size_t i = 0; i < num; i++) {
        const struct cli_record_row *row = &rows[i];
        bool is_comment = row->doubt != NULL || strcmp(row->type, "HTTP") == 0;
        if (is_comment) {
            cp_buf_printf(out, "; %s, %s: ", row->purpose,
                          row->doubt != NULL ? row->doubt : "by HTTP instead of the TXT record");
            put_comment(out, row->name);
            cp_buf_puts(out, " -> ");
            put_comment(out, row->value);
        } else {
            put_zone_name(out, row->name);
            cp_buf_printf(out, " %d IN %s ", CLI_RECORD_TTL_S, row->type);
            if (strcmp(row->type, "TXT") == 0)
                put_zone_text(out, row->value);
            else
                put_zone_name(out, row->value);
            cp_buf_printf(out, " ; %s", row->purpose);
        }
        cp_buf_puts(out, "\n");
    }
}

bool cli_records_add_json(cJSON *object, const char *key, const struct cli_records *set) {
    struct cli_record_row rows[CLI_MAX_RECORD_ROWS];
    size_t num = cli_records_rows(rows, set);
    cJSON *array = cJSON_AddArrayToObject(object, key);
    bool ok = array != NULL;
    for (size_t i = 0; ok && i < num; i++) {
        cJSON *item = cJSON_CreateObject();
        ok = cli_json_push(array, item) && cli_json_add_text(item, "purpose", rows[i].purpose) &&
             cli_json_add_text(item, "type", rows[i].type) &&
             cli_json_add_text(item, "name", rows[i].name) &&
             cli_json_add_text(item, "value", rows[i].value) &&
             cli_json_add_text(item, "doubt", rows[i].doubt != NULL ? rows[i].doubt : "");
    }
    return ok;
}

static void put_json(struct cp_buf *out, const struct cli_records *sets, size_t num) {
    cJSON *root = cJSON_CreateObject(), *array = NULL;
    bool ok = root != NULL && cJSON_AddNumberToObject(root, "schema_version", 1) != NULL &&
              (array = cJSON_AddArrayToObject(root, "hostnames")) != NULL;
    for (size_t i = 0; ok && i < num; i++) {
        cJSON *item = cJSON_CreateObject();
        ok = cli_json_push(array, item) && cli_json_add_text(item, "hostname", sets[i].hostname) &&
             cli_records_add_json(item, "records", &sets[i]);
    }
    char *text = ok ? cJSON_Print(root) : NULL;
    if (text != NULL)
        cp_buf_printf(out, "%s\n", text);
    else
        out->failed = CP_ERR_MEMORY;
    cJSON_free(text);
    cJSON_Delete(root);
}

void cli_records_put(struct cp_buf *out, const struct cli_records *sets, size_t num,
                     enum cli_records_form form) {
    if (form == CLI_RECORDS_JSON)
        put_json(out, sets, num);
    for (size_t i = 0; i < num && form == CLI_RECORDS_ZONE; i++)
        cli_records_put_zone(out, &sets[i]);
    for (size_t i = 0; i < num && form == CLI_RECORDS_TEXT; i++) {
        if (num > 1)
            cp_buf_printf(out, "%s\n", sets[i].hostname);
        cli_records_put_text(out, &sets[i], num > 1 ? "  " : "");
    }
}
