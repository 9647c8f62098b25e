/* outcome: what a reply means. */
#include "outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "json.h"
#include "redact.h"
#include "text.h"
#include "xml.h"

static const char advice_look[] = "look whether the custom hostname exists before sending it "
                                  "again; if it does, compare record and "
                                  "certificate";
static const char advice_apply[] = "look at the custom hostname's certificate status before asking "
                                   "for a certificate again";
static const char advice_same[] =
    "look at the custom hostname, or send it again: a repetition does "
    "no harm";
static const char advice_read[] = "ask again: it changes nothing";

void esa_outcome_init(struct esa_outcome *outcome) {
    *outcome = (struct esa_outcome){
        .result = ESA_UNKNOWN,
        .class_of = ESA_CLASS_RECONCILE,
        .advice = advice_look,
        .retry_after_ms = -1,
    };
}

/* ---- the body, read ---- */

enum body_form { BODY_EMPTY, BODY_JSON, BODY_XML, BODY_MALFORMED, BODY_OTHER };

enum { CODE, MESSAGE, RECOMMEND, REQUEST_ID, HOSTNAME_ID, HOSTNAME, SUCCESS, NUM_NAMES };
#define NUM_SPELLINGS ((size_t)2 * NUM_NAMES)

static const char *const pascal_names[NUM_NAMES] = {
    [CODE] = "Code",
    [MESSAGE] = "Message",
    [RECOMMEND] = "Recommend",
    [REQUEST_ID] = "RequestId",
    [HOSTNAME_ID] = "HostnameId",
    [HOSTNAME] = "Hostname",
    [SUCCESS] = "Success",
};
static const char *const camel_names[NUM_NAMES] = {
    [CODE] = "code",
    [MESSAGE] = "message",
    [RECOMMEND] = "recommend",
    [REQUEST_ID] = "requestId",
    [HOSTNAME_ID] = "hostnameId",
    [HOSTNAME] = "hostname",
    [SUCCESS] = "success",
};

struct body {
    enum body_form form;
    const char *text; /* of the JSON object */
    size_t len;
    struct esa_member member[NUM_NAMES]; /* kind ABSENT: not there */
};

/* One member of two spellings; both at once are as bad as one twice. */
static bool merge(struct body *body, const struct esa_member *pascal,
                  const struct esa_member *camel) {
    for (size_t i = 0; i < NUM_NAMES; i++) {
        body->member[i] = pascal[i].count != 0 ? pascal[i] : camel[i];
        if (pascal[i].count + camel[i].count > 1)
            return false;
    }
    return true;
}

static bool starts_nocase(const char *text, size_t len, const char *start) {
    return len >= strlen(start) && strncasecmp(text, start, strlen(start)) == 0;
}

static void read_body(struct body *body, const struct cp_secret *bytes) {
    struct esa_member members[NUM_SPELLINGS];
    const char *text = (const char *)bytes->data;
    size_t len = bytes->len;
    *body = (struct body){.form = BODY_EMPTY};
    for (size_t i = 0; i < NUM_NAMES; i++) {
        members[i].name = pascal_names[i];
        members[NUM_NAMES + i].name = camel_names[i];
    }
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    while (len > 0 && *text != '\0' && strchr(" \t\r\n", *text) != NULL) {
        text++;
        len--;
    }
    if (len == 0)
        return;
    bool is_whole = false;
    if (*text == '{') {
        body->form = BODY_JSON;
        body->text = text;
        body->len = len;
        is_whole = esa_json_members(members, NUM_SPELLINGS, text, len);
    } else if (starts_nocase(text, len, "<?xml") || starts_nocase(text, len, "<Error")) {
        body->form = BODY_XML;
        is_whole = esa_xml_error(members, NUM_SPELLINGS, text, len);
    } else if (*text == '[' || *text == '"') {
        body->form = BODY_MALFORMED;
        return;
    } else {
        body->form = BODY_OTHER;
        return;
    }
    if (!is_whole || !merge(body, members, members + NUM_NAMES))
        *body = (struct body){.form = BODY_MALFORMED};
}

/* ---- the service's texts, made fit to be kept ---- */

static void show(char *out, size_t out_size, const struct body *body, struct esa_reading *reading,
                 size_t name) {
    const struct esa_member *member = &body->member[name];
    struct cp_secret plain = {0}; /* what is resolved may be key material too */
    out[0] = '\0';
    if (member->kind == ESA_KIND_ABSENT || member->raw_len == 0)
        return;
    if (cp_secret_init(&plain, member->raw_len, NULL) != CP_OK)
        return; /* a text less to show; the judgement does not hang on it */
    if (member->kind != ESA_KIND_STRING) {
        memcpy(plain.data, member->raw, member->raw_len);
        plain.len = member->raw_len;
    } else if (body->form == BODY_XML) {
        plain.len = esa_xml_unescape((char *)plain.data, member->raw, member->raw_len);
    } else {
        plain.len = esa_json_unescape((char *)plain.data, member->raw, member->raw_len);
    }
    esa_redact(out, out_size, (const char *)plain.data, plain.len, reading->known,
               reading->num_known);
    cp_secret_cleanup(&plain);
}

/* What this side sent in secret, and so must never show. */
static void note_secrets(struct esa_reading *reading, const struct esa_request *request,
                         const struct esa_credential *credential) {
    const struct esa_operation *operation = request->operation;
    for (size_t i = 0; i < operation->num_parameters; i++)
        if (operation->parameters[i].type == ESA_TYPE_SECRET && request->values[i].text != NULL)
            reading->known[reading->num_known++] =
                (struct esa_known){request->values[i].text, request->values[i].len};
    if (credential != NULL && credential->token.len != 0)
        reading->known[reading->num_known++] =
            (struct esa_known){credential->token.data, credential->token.len};
    reading->num_sent_known = reading->num_known;
}

static void show_texts(struct esa_outcome *outcome, const struct body *body,
                       struct esa_reading *reading) {
    show(outcome->code_text, sizeof(outcome->code_text), body, reading, CODE);
    show(outcome->request_id, sizeof(outcome->request_id), body, reading, REQUEST_ID);
    show(outcome->hostname, sizeof(outcome->hostname), body, reading, HOSTNAME);
    show(outcome->message, sizeof(outcome->message), body, reading, MESSAGE);
    show(outcome->recommend, sizeof(outcome->recommend), body, reading, RECOMMEND);
}

/* ---- the judgement ---- */

static void decide(struct esa_outcome *outcome, enum esa_result result, enum esa_class class_of,
                   const char *advice, const char *reason) {
    outcome->result = result;
    outcome->class_of = class_of;
    outcome->advice = advice;
    (void)snprintf(outcome->reason, sizeof(outcome->reason), "%s", reason);
}

/* It may have acted; where it only reads, it is just not known what it says. */
static void leave_open(struct esa_outcome *outcome, const struct esa_request *request,
                       const char *reason) {
    bool is_apply = esa_request_operation_id(request) == ESA_OP_APPLY;
    switch (request->operation->effect) {
    case ESA_EFFECT_NONE:
        decide(outcome, ESA_UNKNOWN, ESA_CLASS_RETRY, advice_read, reason);
        return;
    case ESA_EFFECT_SAME:
        decide(outcome, ESA_UNKNOWN, ESA_CLASS_RECONCILE, advice_same, reason);
        return;
    case ESA_EFFECT_ONCE:
        break;
    }
    decide(outcome, ESA_UNKNOWN, ESA_CLASS_RECONCILE, is_apply ? advice_apply : advice_look,
           reason);
}

static void say_skew(struct esa_outcome *outcome) {
    int64_t skew = outcome->clock_skew_s;
    int64_t size = skew < 0 ? -skew : skew; /* both times are between 1970 and 9999 */
    (void)snprintf(outcome->reason, sizeof(outcome->reason),
                   "this machine's clock is %" PRId64 " h %" PRId64 " min %" PRId64
                   " s %s the service's",
                   size / 3600, size / 60 % 60, size % 60, skew < 0 ? "behind" : "ahead of");
}

/* Whom the service turns away at its door it has not served. Any other status may stand for a
 * failure halfway: InternalException comes as 400. */
static bool is_turned_away(int http_status) {
    static const int statuses[] = {401, 403, 404, 405, 413, 414, 429};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (http_status == statuses[i])
            return true;
    return false;
}

/* A code that the table does not have. Something may have been made before it came, and what must
 * not be made twice is looked for first. */
static void refuse_unknown_code(struct esa_outcome *outcome, const struct esa_request *request,
                                const char *reason) {
    if (request->operation->effect == ESA_EFFECT_ONCE && !is_turned_away(outcome->http_status)) {
        leave_open(outcome, request, reason);
        outcome->result = ESA_REFUSED;
        return;
    }
    decide(outcome, ESA_REFUSED, ESA_CLASS_UNKNOWN,
           "see the service's message; look the code up in the vendor's documentation", reason);
}

static void judge_code(struct esa_outcome *outcome, const struct esa_request *request,
                       bool is_text) {
    const struct esa_code *row = esa_code_find(outcome->code_text);
    bool is_read = request->operation->effect == ESA_EFFECT_NONE;
    char reason[ESA_REASON_MAX];
    outcome->code = row;
    if (row != NULL) {
        (void)snprintf(reason, sizeof(reason), "%.100s: %.140s", outcome->code_text, row->meaning);
        if (row->result == ESA_UNKNOWN && is_read)
            leave_open(outcome, request, reason);
        else
            decide(outcome, row->result, row->class_of, row->advice, reason);
        if (strcmp(row->code, "InvalidTimeStamp.Expired") == 0 && outcome->has_clock_skew)
            say_skew(outcome);
        return;
    }
    bool is_client_error = outcome->http_status >= 400 && outcome->http_status <= 499;
    (void)snprintf(reason, sizeof(reason), "the service answered with %s%.100s",
                   outcome->code_text[0] == '\0' ? "an empty code" : "a code unknown here: ",
                   outcome->code_text);
    if (is_client_error && is_text && outcome->code_text[0] != '\0') {
        refuse_unknown_code(outcome, request, reason);
        return;
    }
    leave_open(outcome, request, reason);
    if (!is_read)
        outcome->class_of = ESA_CLASS_UNKNOWN;
}

/* The names are compared as bytes of the reply, before anything is escaped. */
static bool is_asked_hostname(const struct esa_member *member, const struct esa_request *request) {
    char name[4 * ESA_HOSTNAME_MAX];
    if (member->kind != ESA_KIND_STRING || member->raw_len >= sizeof(name))
        return false;
    size_t len = esa_json_unescape(name, member->raw, member->raw_len);
    name[len] = '\0';
    if (strlen(name) != len)
        return false;
    return strcasecmp(name, request->hostname) == 0 ||
           (request->hostname_unicode != NULL && strcmp(name, request->hostname_unicode) == 0);
}

/* HTTP 200 without a code, in answer to a creation. */
static void judge_creation(struct esa_outcome *outcome, const struct body *body,
                           const struct esa_request *request) {
    const struct esa_member *id = &body->member[HOSTNAME_ID];
    int64_t hostname_id = 0;
    if (body->form != BODY_JSON)
        leave_open(outcome, request, "HTTP 200, but the reply is not one whole JSON object");
    else if (id->kind == ESA_KIND_ABSENT)
        leave_open(outcome, request, "HTTP 200, but the reply has no HostnameId");
    else if (id->kind != ESA_KIND_NUMBER ||
             !esa_decimal_parse(&hostname_id, id->raw, id->raw_len, 1))
        leave_open(outcome, request,
                   "HTTP 200, but HostnameId is not a whole number from 1 to 9223372036854775807");
    else if (!is_asked_hostname(&body->member[HOSTNAME], request))
        leave_open(outcome, request,
                   body->member[HOSTNAME].kind == ESA_KIND_ABSENT
                       ? "HTTP 200, but the reply does not say for which hostname"
                       : "HTTP 200, but the reply is for another hostname than was asked for");
    else {
        outcome->hostname_id = hostname_id;
        (void)snprintf(outcome->hostname, sizeof(outcome->hostname), "%s", request->hostname);
        decide(outcome, ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "the service confirmed it");
    }
}

/* The same, in answer to anything else: every required field is there, or nothing is certain. */
static void judge_reply(struct esa_outcome *outcome, struct esa_reply *typed,
                        const struct body *body, struct esa_reading *reading) {
    const struct esa_request *request = reading->request;
    char why[ESA_REASON_MAX], reason[ESA_REASON_MAX];
    if (body->form != BODY_JSON) {
        leave_open(outcome, request, "HTTP 200, but the reply is not one whole JSON object");
        return;
    }
    bool is_read = esa_reply_read(typed, why, body->text, body->len, reading);
    show_texts(outcome, body, reading); /* again: now what the reply withholds is known, too */
    if (!is_read) {
        (void)snprintf(reason, sizeof(reason), "HTTP 200, but %.200s", why);
        leave_open(outcome, request, reason);
        return;
    }
    if (esa_request_operation_id(request) == ESA_OP_VERIFY && !typed->passed) {
        outcome->code = esa_code_find("CustomHostname.VerifyUnpassed");
        decide(outcome, outcome->code->result, outcome->code->class_of, outcome->code->advice,
               outcome->code->meaning);
        return;
    }
    outcome->hostname_id = esa_request_id(request, "HostnameId");
    if (typed->num_hostnames == 1 && outcome->hostname_id != 0)
        (void)snprintf(outcome->hostname, sizeof(outcome->hostname), "%s",
                       typed->hostnames[0].hostname);
    decide(outcome, ESA_ACCEPTED, ESA_CLASS_UNKNOWN, "", "the service confirmed it");
}

/* No code, and not HTTP 200. */
static void judge_status(struct esa_outcome *outcome, enum body_form form, bool has_length,
                         const struct esa_request *request) {
    int status = outcome->http_status;
    bool is_client_error = status >= 400 && status <= 499;
    bool is_foreign = form == BODY_EMPTY || form == BODY_OTHER;
    char reason[ESA_REASON_MAX];
    if (is_client_error && is_foreign && has_length && status != 408 && status != 499) {
        bool is_size = status == 413 || status == 414 || status == 431;
        (void)snprintf(
            reason, sizeof(reason),
            "HTTP %d from a gateway or proxy, without an API error: it was not passed on", status);
        decide(outcome, ESA_REFUSED, status == 429 ? ESA_CLASS_RETRY : ESA_CLASS_FIX,
               status == 429 ? "wait a minute and send it again"
               : is_size ? "the request is too large for what stands before the service; send the "
                           "parameters in the body (--params-in=form)"
                         : "check the endpoint, and what stands between it and this machine",
               reason);
        return;
    }
    (void)snprintf(reason, sizeof(reason), "HTTP %d without an API error code: it may have acted",
                   status);
    leave_open(outcome, request, reason);
}

/* An error without a code? Where the request's id is all that confirms, an error has it, too. */
static bool says_no(const struct body *body, const struct esa_request *request) {
    const struct esa_member *message = &body->member[MESSAGE];
    bool has_message = message->kind == ESA_KIND_STRING && message->raw_len != 0;
    return body->member[SUCCESS].kind == ESA_KIND_FALSE ||
           (has_message && request->operation->num_fields == 1);
}

#define MAX_RETRY_AFTER_MS ((int64_t)24 * 3600 * 1000)

static void read_headers(struct esa_outcome *outcome, const struct esa_http_reply *reply,
                         int64_t sent_at_s) {
    int64_t value = 0;
    outcome->http_status = reply->status;
    if (esa_decimal_parse(&value, reply->retry_after_ms, strlen(reply->retry_after_ms), 0))
        outcome->retry_after_ms = value > MAX_RETRY_AFTER_MS ? MAX_RETRY_AFTER_MS : value;
    if (esa_http_date_parse(&value, reply->date)) {
        outcome->has_clock_skew = true;
        outcome->clock_skew_s = sent_at_s - value;
    }
}

void esa_outcome_judge(struct esa_outcome *outcome, struct esa_reply *typed,
                       const struct esa_http_reply *reply, const struct esa_request *request,
                       const struct esa_credential *credential, int64_t sent_at_s) {
    struct esa_reading reading = {.request = request};
    struct body body;
    char reason[ESA_REASON_MAX];
    esa_outcome_init(outcome);
    read_headers(outcome, reply, sent_at_s);
    if (reply->reach != ESA_REACH_REPLY) {
        (void)snprintf(reason, sizeof(reason), "%s: %.190s", esa_reach_text(reply->reach),
                       reply->cause);
        leave_open(outcome, request, reason);
        return;
    }
    note_secrets(&reading, request, credential);
    read_body(&body, &reply->body);
    show_texts(outcome, &body, &reading);
    if (body.member[CODE].kind != ESA_KIND_ABSENT)
        judge_code(outcome, request, body.member[CODE].kind == ESA_KIND_STRING);
    else if (reply->status != 200)
        judge_status(outcome, body.form, reply->has_length, request);
    else if (says_no(&body, request))
        leave_open(outcome, request, "HTTP 200, but the reply reads like an error without a code");
    else if (esa_request_operation_id(request) == ESA_OP_CREATE)
        judge_creation(outcome, &body, request);
    else
        judge_reply(outcome, typed, &body, &reading);
    esa_reading_cleanup(&reading);
}
