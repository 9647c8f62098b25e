/* reply: what a whole JSON object says, typed. */
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum cp_status esa_reply_new(struct esa_reply **out, struct cp_error *err) {
    *out = calloc(1, sizeof(**out));
    if (*out == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "reply: out of memory");
    (*out)->page.total_count = -1;
    return CP_OK;
}

void esa_reply_free(struct esa_reply *reply) {
    if (reply == NULL)
        return;
    free(reply->hostnames);
    free(reply->sites);
    free(reply->records);
    free(reply);
}

size_t esa_reply_num_hostnames(const struct esa_reply *reply) {
    return reply->num_hostnames;
}

const struct esa_hostname *esa_reply_hostname(const struct esa_reply *reply, size_t index) {
    return index < reply->num_hostnames ? &reply->hostnames[index] : NULL;
}

size_t esa_reply_num_sites(const struct esa_reply *reply) {
    return reply->num_sites;
}

const struct esa_site *esa_reply_site(const struct esa_reply *reply, size_t index) {
    return index < reply->num_sites ? &reply->sites[index] : NULL;
}

size_t esa_reply_num_records(const struct esa_reply *reply) {
    return reply->num_records;
}

const struct esa_record *esa_reply_record(const struct esa_reply *reply, size_t index) {
    return index < reply->num_records ? &reply->records[index] : NULL;
}

struct esa_page esa_reply_page(const struct esa_reply *reply) {
    return reply->page;
}

bool esa_reply_passed(const struct esa_reply *reply) {
    return reply->passed;
}

/* ---- reading ---- */

static bool fail(char why[ESA_REASON_MAX], const char *field, const char *what) {
    (void)snprintf(why, ESA_REASON_MAX, "%s: %s", field, what);
    return false;
}

/* Room for num objects, at the place that its model has in the reply. */
static void *make_room(struct esa_reply *reply, enum esa_model model, size_t num) {
    void *rows = calloc(num == 0 ? 1 : num, esa_model_size(model));
    switch (model) {
    case ESA_MODEL_HOSTNAME:
        reply->hostnames = rows;
        reply->num_hostnames = rows == NULL ? 0 : num;
        break;
    case ESA_MODEL_SITE:
        reply->sites = rows;
        reply->num_sites = rows == NULL ? 0 : num;
        break;
    case ESA_MODEL_RECORD:
        reply->records = rows;
        reply->num_records = rows == NULL ? 0 : num;
        break;
    case ESA_MODEL_NONE:
    case ESA_NUM_MODELS:
        free(rows);
        return NULL;
    }
    return rows;
}

static bool read_object(struct esa_reply *out, char why[ESA_REASON_MAX],
                        const struct esa_field *field, const struct esa_member *member,
                        struct esa_reading *reading) {
    void *row = make_room(out, field->model, 1);
    if (row == NULL)
        return fail(why, field->name, "out of memory on this side");
    if (esa_model_read(row, field->model, member, reading))
        return true;
    (void)snprintf(why, ESA_REASON_MAX, "%s%s%s: %s", field->name,
                   reading->member[0] == '\0' ? "" : ".", reading->member, reading->what);
    return false;
}

static bool read_array(struct esa_reply *out, char why[ESA_REASON_MAX],
                       const struct esa_field *field, const struct esa_member *member,
                       struct esa_reading *reading) {
    struct esa_json_array array;
    struct esa_member element;
    size_t num = 0;
    esa_json_array_open(&array, member->raw, member->raw_len);
    while (num <= ESA_MAX_ROWS && esa_json_array_next(&array, &element))
        num++;
    if (num > ESA_MAX_ROWS)
        return fail(why, field->name, "has more than 500 rows");
    uint8_t *rows = make_room(out, field->model, num);
    if (rows == NULL)
        return fail(why, field->name, "out of memory on this side");
    esa_json_array_open(&array, member->raw, member->raw_len);
    for (size_t i = 0; i < num && esa_json_array_next(&array, &element); i++) {
        if (esa_model_read(rows + i * esa_model_size(field->model), field->model, &element,
                           reading))
            continue;
        (void)snprintf(why, ESA_REASON_MAX, "%s[%zu]%s%s: %s", field->name, i,
                       reading->member[0] == '\0' ? "" : ".", reading->member, reading->what);
        return false;
    }
    return true;
}

/* The page's numbers have places; other numbers are only looked at. Of an optional one null counts
 * as not said. */
static bool read_number(struct esa_reply *out, char why[ESA_REASON_MAX],
                        const struct esa_field *field, const struct esa_member *member) {
    int64_t value = 0;
    if (member->kind == ESA_KIND_NULL && !field->required)
        return true;
    if (member->kind != ESA_KIND_NUMBER ||
        !esa_decimal_parse(&value, member->raw, member->raw_len, field->required ? 1 : 0))
        return fail(why, field->name, "is not a whole number in plain digits");
    if (strcmp(field->name, "PageNumber") == 0)
        out->page.page_number = value;
    else if (strcmp(field->name, "PageSize") == 0)
        out->page.page_size = value;
    else if (strcmp(field->name, "TotalCount") == 0)
        out->page.total_count = value;
    return true;
}

static bool read_field(struct esa_reply *out, char why[ESA_REASON_MAX],
                       const struct esa_field *field, const struct esa_member *member,
                       struct esa_reading *reading) {
    if (member->kind == ESA_KIND_ABSENT)
        return !field->required || fail(why, field->name, "is missing");
    switch (field->type) {
    case ESA_TYPE_INT64:
        return read_number(out, why, field, member);
    case ESA_TYPE_BOOL:
        out->passed = member->kind == ESA_KIND_TRUE;
        return member->kind == ESA_KIND_TRUE || member->kind == ESA_KIND_FALSE ||
               fail(why, field->name, "is neither true nor false");
    case ESA_TYPE_OBJECT:
        return read_object(out, why, field, member, reading);
    case ESA_TYPE_ARRAY:
        return member->kind == ESA_KIND_ARRAY ? read_array(out, why, field, member, reading)
                                              : fail(why, field->name, "is not an array");
    case ESA_TYPE_STRING:
    case ESA_TYPE_WORD:
    case ESA_TYPE_PEM:
    case ESA_TYPE_SECRET:
        break;
    }
    return !field->required || (member->kind == ESA_KIND_STRING && member->raw_len != 0) ||
           fail(why, field->name, "is not a text");
}

/* An empty first page that claims rows is no proof that there are none. */
static bool check_page(const struct esa_reply *out, char why[ESA_REASON_MAX],
                       const struct esa_request *request) {
    size_t num = out->num_hostnames + out->num_sites + out->num_records;
    bool is_first = esa_request_id(request, "PageNumber") <= 1;
    if (num == 0 && is_first && out->page.total_count > 0)
        return fail(why, "TotalCount", "is not 0, but there are no rows");
    return true;
}

bool esa_reply_read(struct esa_reply *out, char why[ESA_REASON_MAX], const char *text, size_t len,
                    struct esa_reading *reading) {
    const struct esa_operation *operation = reading->request->operation;
    struct esa_member members[2 * ESA_MAX_FIELDS];
    char camel[ESA_MAX_FIELDS][64];
    size_t num = operation->num_fields;
    for (size_t i = 0; i < num; i++) {
        (void)snprintf(camel[i], sizeof(camel[i]), "%s", operation->fields[i].name);
        camel[i][0] = (char)(camel[i][0] - 'A' + 'a');
        members[i].name = operation->fields[i].name;
        members[num + i].name = camel[i];
    }
    why[0] = '\0';
    if (!esa_json_members(members, 2 * num, text, len))
        return fail(why, operation->name, "the reply is not one whole JSON object");
    for (size_t i = 0; i < num; i++) {
        const struct esa_member *pascal = &members[i], *other = &members[num + i];
        if (pascal->count + other->count > 1)
            return fail(why, pascal->name, "is there twice");
        if (!read_field(out, why, &operation->fields[i], pascal->count != 0 ? pascal : other,
                        reading))
            return false;
    }
    return check_page(out, why, reading->request);
}
