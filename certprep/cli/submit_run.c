/* submit and update: check -> prepare -> request -> task -> outcome, each only if the one before
 * allows it. */
#include <stdlib.h>
#include <string.h>

#include "submit.h"

static enum cp_status want(const char *value, const char *name, struct cp_error *err) {
    return value != NULL ? CP_OK : cp_fail(err, CP_ERR_USAGE, "--%s is missing", name);
}

/* Of an update: which one. Of a creation: where. */
static enum cp_status read_place(struct submit *s, struct cp_error *err) {
    struct submit_options *o = s->options;
    bool has_site = o->site.name != NULL || o->site.id_text != NULL;
    bool has_record = o->record.name != NULL || o->record.id_text != NULL;
    enum cp_status status = cli_site_read(&o->site, err);
    if (status == CP_OK)
        status = cli_record_read(&o->record, err);
    if (status == CP_OK && o->hostname_id != NULL)
        status = esa_id_parse(&s->hostname_id, o->hostname_id, "--hostname-id", err);
    if (status != CP_OK)
        return status;
    if (!o->is_update && !has_site)
        return cp_fail(err, CP_ERR_USAGE, "which site? Give --site or --site-id");
    if (!o->is_update && !has_record)
        return cp_fail(err, CP_ERR_USAGE, "which record? Give --record or --record-id");
    if (o->is_update && !has_site && o->hostname_id == NULL)
        return cp_fail(err, CP_ERR_USAGE,
                       "a hostname is looked for in one site: give --site or --site-id, or "
                       "--hostname-id");
    if (o->is_update && o->record.name != NULL && !has_site)
        return cp_fail(err, CP_ERR_USAGE,
                       "a record is looked for in one site: give --site or --site-id");
    return CP_OK;
}

static enum cp_status read_parameters(struct submit *s, struct cp_error *err) {
    struct submit_options *o = s->options;
    const struct cli_material *m = &o->material;
    const struct esa_create_choice choice = {
        .ssl_flag = o->ssl,
        .cert_type = o->cert_type,
        .cas_id = o->cas_id,
        .cas_region = o->cas_region,
        .has_certificate = m->cert != NULL || m->chain != NULL || m->files.num_items != 0,
        .has_private_key = m->key != NULL || m->files.num_items != 0};
    enum cp_status status = CP_OK;
    if (!o->is_update || o->hostname_id == NULL)
        status = want(o->hostname, "hostname", err);
    if (status == CP_OK)
        status = read_place(s, err);
    if (status == CP_OK)
        status = want(o->ssl, "ssl", err);
    if (status == CP_OK && o->hostname != NULL)
        status = cp_hostname_new(&s->hostname, o->hostname, err);
    if (status == CP_OK)
        status = esa_create_kind_of(&s->kind, &choice, err);
    if (status != CP_OK)
        return status;
    if (o->update)
        o->ensure = true;
    o->follow.task.flags |= (o->ensure ? (unsigned)ESA_TASK_LOOK_FIRST : 0) |
                            (o->update ? (unsigned)ESA_TASK_UPDATE : 0);
    return CP_OK;
}

/* Before anything else is done: a missing credential or a bad endpoint costs no check. */
static enum cp_status open_service(struct submit *s, struct cp_error *err) {
    struct submit_options *o = s->options;
    bool asks = o->site.name != NULL || o->record.name != NULL ||
                (o->is_update && (o->hostname_id == NULL || o->hostname == NULL));
    enum cp_status status = cli_service_open(
        &o->service, o->dry_run && !asks ? CLI_SERVICE_SHOW : CLI_SERVICE_CALL, err);
    if (status == CP_OK && o->material.at != NULL && !o->dry_run &&
        !cli_service_is_this_machine(&o->service))
        status = cp_fail(err, CP_ERR_USAGE,
                         "--at goes with --dry-run or an endpoint on this machine: the service "
                         "judges the material by its own clock");
    return status;
}

/* All checks for this hostname; s->prepared stays NULL if the verdict is BLOCKED. */
static enum cp_status check_and_prepare(struct submit *s, struct cp_error *err) {
    struct submit_options *o = s->options;
    const char *hostname = cp_hostname_ascii(s->hostname);
    struct cp_check_options options = {
        .hostnames = &hostname, .num_hostnames = 1, .require_key = true, .target = "esa"};
    enum cp_status status = cli_material_times(&o->material, &options, err);
    if (status == CP_OK)
        status = cli_complete_check(&o->material, &o->complete, &options, err);
    if (status != CP_OK)
        return status;
    if (o->material.at != NULL)
        fprintf(stderr, "certprep: note: the material is judged as of --at %s, not as of now\n",
                o->material.at);
    if (o->material.trust_name != NULL && strcmp(o->material.trust_name, "none") == 0)
        fprintf(stderr, "certprep: note: --trust none: neither the root nor whether the chain is "
                        "complete was judged\n");
    if (cp_report_verdict(o->material.report) == CP_BLOCKED)
        return CP_OK;
    return cp_prepare(&s->prepared, o->material.report, err);
}

/* An update by id: what it is called there is what the material must cover, and a name that was
 * given, too, must be that one. */
static enum cp_status find_by_id(struct submit *s, struct cp_error *err) {
    struct submit_options *o = s->options;
    struct esa_hostname found;
    bool is_found = false;
    if (s->hostname_id == 0 || (o->dry_run && s->hostname != NULL))
        return CP_OK;
    enum cp_status status = cli_hostname_get(&found, &is_found, s->hostname_id, &o->service,
                                             &o->follow.task.retry, err);
    if (status != CP_OK)
        return status;
    if (!is_found)
        return cp_fail(err, CP_ERR_REFUSED, "HostnameId %lld: there is no such custom hostname",
                       (long long)s->hostname_id);
    if (s->hostname != NULL && strcmp(found.hostname, cp_hostname_ascii(s->hostname)) != 0)
        return cp_fail(err, CP_ERR_USAGE, "--hostname-id %lld is %.200s, not %.200s",
                       (long long)s->hostname_id, found.hostname, cp_hostname_ascii(s->hostname));
    (void)cli_records_see(&s->followed.seen, &found);
    return s->hostname != NULL ? CP_OK : cp_hostname_new(&s->hostname, found.hostname, err);
}

/* Names to ids. Only reads, and only what was given by name is asked for. */
static enum cp_status find_ids(struct submit *s, struct cp_error *err) {
    struct submit_options *o = s->options;
    const struct esa_retry *retry = &o->follow.task.retry;
    struct esa_hostname found;
    struct cli_interrupt saved;
    bool is_found = false;
    enum cp_status status = cli_site_find(&o->site, &o->service, retry, err);
    if (status == CP_OK)
        status = cli_record_find(&o->record, o->site.id, &o->service, retry, err);
    if (status != CP_OK || !o->is_update || s->hostname_id != 0)
        return status;
    cli_interrupt_catch(&saved);
    status = esa_find_hostname(o->service.client, &found, &is_found, o->site.id,
                               cp_hostname_ascii(s->hostname), retry, err);
    cli_interrupt_restore(&saved);
    if (status == CP_OK && !is_found)
        status = cp_fail(err, CP_ERR_REFUSED,
                         "%.200s: there is no such custom hostname in the site; 'certprep submit' "
                         "creates it",
                         cp_hostname_ascii(s->hostname));
    s->hostname_id = found.hostname_id;
    return status;
}

static enum cp_status make_create(struct submit *s, int64_t cas_id, struct cp_error *err) {
    const struct submit_options *o = s->options;
    int64_t site_id = o->site.id, record_id = o->record.id;
    switch (s->kind) {
    case ESA_CREATE_OFF:
        return esa_request_new_off(&s->request, s->hostname, site_id, record_id, err);
    case ESA_CREATE_FREE:
        return esa_request_new_free(&s->request, s->hostname, site_id, record_id, err);
    case ESA_CREATE_CAS:
        return esa_request_new_cas(&s->request, s->hostname, site_id, record_id, cas_id,
                                   o->cas_region, err);
    case ESA_CREATE_UPLOAD:
        break;
    }
    return esa_request_new_upload(&s->request, s->hostname, site_id, record_id, s->prepared, err);
}

static enum cp_status make_update(struct submit *s, int64_t cas_id, struct cp_error *err) {
    const struct submit_options *o = s->options;
    int64_t id = s->hostname_id, record_id = o->record.id;
    switch (s->kind) {
    case ESA_CREATE_OFF:
        return esa_request_new_update_off(&s->request, s->hostname, id, record_id, err);
    case ESA_CREATE_FREE:
        return esa_request_new_update_free(&s->request, s->hostname, id, record_id, err);
    case ESA_CREATE_CAS:
        return esa_request_new_update_cas(&s->request, s->hostname, id, record_id, cas_id,
                                          o->cas_region, err);
    case ESA_CREATE_UPLOAD:
        break;
    }
    return esa_request_new_update_upload(&s->request, s->hostname, id, record_id, s->prepared, err);
}

static enum cp_status make_request(struct submit *s, struct cp_error *err) {
    const struct submit_options *o = s->options;
    int64_t cas_id = 0;
    enum cp_status status = CP_OK;
    if (s->kind == ESA_CREATE_CAS)
        status = esa_id_parse(&cas_id, o->cas_id, "--cas-id", err);
    if (status == CP_OK)
        status = o->is_update ? make_update(s, cas_id, err) : make_create(s, cas_id, err);
    if (status == CP_OK)
        esa_request_set_params_in(s->request, o->service.params);
    return status;
}

static enum cp_status send_or_show(struct submit *s, struct cp_error *err) {
    struct submit_options *o = s->options;
    if (o->dry_run) {
        s->exit_code = CLI_OK;
        return esa_request_describe(o->service.client, &s->description, NULL, s->request,
                                    o->view.json ? ESA_DESCRIBE_JSON : ESA_DESCRIBE_TEXT, err);
    }
    snprintf(s->followed.seen.hostname, sizeof(s->followed.seen.hostname), "%s",
             cp_hostname_ascii(s->hostname));
    /* Before it is created: afterwards there is less time, and one more thing that can fail. */
    if (o->follow.task.goal != ESA_GOAL_NONE && o->record.id != 0) {
        if (o->record.cname[0] != '\0')
            snprintf(s->followed.seen.cname, sizeof(s->followed.seen.cname), "%s", o->record.cname);
        else
            cli_follow_cname(&o->follow, &o->service, o->record.id, &s->followed.seen);
    }
    enum cp_status status = esa_task_new(&s->task, s->request, &o->follow.task, err);
    if (status != CP_OK)
        return status;
    cli_follow_run(&o->follow, &o->service, &o->view, s->task, &s->followed);
    const struct esa_task_result *result = esa_task_result(s->task);
    if (result->end == ESA_TASK_NOT_SENT) {
        if (err != NULL)
            *err = result->error;
        return result->error.status != CP_OK ? result->error.status
                                             : cp_fail(err, CP_ERR_NETWORK, "%.200s", result->why);
    }
    return CP_OK;
}

/* The DNS before anything is sent. Where CAA forbids the certificate, nothing is. */
static enum cp_status judge_dns(struct submit *s, bool *is_blocked, struct cp_error *err) {
    struct submit_options *o = s->options;
    struct cli_records *seen = &s->followed.seen;
    if (o->record.cname[0] == '\0' && o->record.id != 0 && o->service.credential != NULL) {
        cli_follow_cname(&o->follow, &o->service, o->record.id, seen);
        memcpy(o->record.cname, seen->cname, sizeof(o->record.cname));
    }
    struct esa_dns_expect expect = {.verify_host = seen->verify_host,
                                    .verify_code = seen->verify_code,
                                    .cname = o->record.cname,
                                    .cert_txt_key = seen->cert_txt_key,
                                    .cert_txt_value = seen->cert_txt_value};
    s->dns = calloc(1, sizeof(*s->dns));
    if (s->dns == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    enum cp_status status =
        cli_dns_preflight(&o->dns, s->dns, s->hostname, &expect, s->kind == ESA_CREATE_FREE, err);
    *is_blocked = status == CP_OK && esa_dns_report_has_error(s->dns);
    if (*is_blocked)
        s->exit_code = CLI_FINDINGS;
    return status;
}

static enum cp_status run(struct submit *s, struct cp_error *err) {
    bool is_blocked = false;
    struct submit_options *o = s->options;
    enum cp_status status = cli_view_read(&o->view, err);
    if (status == CP_OK)
        status = read_parameters(s, err);
    if (status == CP_OK)
        status = cli_follow_read(&o->follow, &o->view, err);
    if (status == CP_OK)
        status = cli_dns_open(&o->dns, err);
    if (status == CP_OK)
        status = open_service(s, err);
    if (status == CP_OK)
        status = find_by_id(s, err);
    if (status == CP_OK && s->kind == ESA_CREATE_UPLOAD) {
        status = check_and_prepare(s, err);
        if (status == CP_OK && s->prepared == NULL) {
            s->exit_code = CLI_FINDINGS;
            return CP_OK;
        }
    }
    if (status == CP_OK)
        status = find_ids(s, err);
    if (status == CP_OK && o->dns.wanted)
        status = judge_dns(s, &is_blocked, err);
    if (is_blocked)
        return status;
    if (status == CP_OK)
        status = make_request(s, err);
    if (status == CP_OK)
        status = send_or_show(s, err);
    return status;
}

int submit_run(struct submit_options *options) {
    struct submit s = {.options = options};
    struct cp_error err = {CP_OK, 0, 0, ""};
    int exit_code;
    if (run(&s, &err) != CP_OK) {
        exit_code = cli_fail(&err);
        if (s.request != NULL && !options->dry_run)
            fprintf(stderr, "  nothing was sent\n");
    } else {
        exit_code = submit_print(&s);
    }
    esa_task_free(s.task);
    free(s.dns);
    esa_string_free(s.description);
    esa_request_free(s.request);
    cp_prepared_free(s.prepared);
    cp_hostname_free(s.hostname);
    return exit_code;
}
