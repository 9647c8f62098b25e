/* Which questions a hostname raises: all that are independent at once, then what the answers leave
 * open (aliases whose end the server did not show). */
#include <stdio.h>
#include <string.h>

#include "dns.h"

static void set(struct esa_dns_answer *answer, const char *name, enum esa_dns_type type) {
    (void)snprintf(answer->name, sizeof(answer->name), "%s", name);
    answer->type = type;
    answer->end = ESA_DNS_UNASKED;
}

static void end_chain(struct esa_dns_chain *chain, enum esa_dns_end end, const char *why) {
    chain->end = end;
    (void)snprintf(chain->why, sizeof(chain->why), "%s", why);
}

/* Goes on from the last name with an answer to its CNAME question; false at the end. */
static bool extend(struct esa_dns_chain *chain, const struct esa_dns_answer *answer) {
    char why[ESA_DNS_WHY_MAX];
    if (answer->end != ESA_DNS_FOUND) {
        end_chain(chain, answer->end, answer->why);
        return false;
    }
    const char *target = answer->values[0].text;
    if (!esa_dns_name_is_plain(target) || answer->values[0].is_cut) {
        end_chain(chain, ESA_DNS_FAILED, "a CNAME to what is no hostname");
        return false;
    }
    for (size_t i = 0; i < chain->num_names; i++)
        if (esa_dns_name_equal(chain->names[i], target)) {
            end_chain(chain, ESA_DNS_FAILED, "the CNAMEs go round in a circle");
            return false;
        }
    if (chain->num_names == ESA_DNS_MAX_CNAMES + 1) {
        (void)snprintf(why, sizeof(why), "more than %d CNAMEs in a row", ESA_DNS_MAX_CNAMES);
        end_chain(chain, ESA_DNS_FAILED, why);
        return false;
    }
    (void)snprintf(chain->names[chain->num_names++], ESA_DNS_NAME_MAX, "%.253s", target);
    return true;
}

/* first: the answer to the CNAME question for `name`; scratch asks for the others. */
static void walk(struct esa_dns_client *client, struct esa_dns_chain *chain, const char *name,
                 const struct esa_dns_answer *first, struct esa_dns_answer *scratch) {
    chain->num_names = 1;
    (void)snprintf(chain->names[0], ESA_DNS_NAME_MAX, "%s", name);
    bool more = extend(chain, first);
    while (more) {
        set(scratch, chain->names[chain->num_names - 1], ESA_DNS_CNAME);
        esa_dns_ask(client, &scratch, 1);
        more = extend(chain, scratch);
    }
}

/* An alias whose end was not shown: walks there and asks again. The answer keeps its name. */
static void settle(struct esa_dns_client *client, struct esa_dns_answer *answer,
                   struct esa_dns_answer *scratch) {
    struct esa_dns_chain chain;
    char name[ESA_DNS_NAME_MAX];
    if (answer->end != ESA_DNS_ALIAS)
        return;
    memcpy(name, answer->name, sizeof(name));
    set(scratch, name, ESA_DNS_CNAME);
    esa_dns_ask(client, &scratch, 1);
    walk(client, &chain, name, scratch, scratch);
    answer->end = chain.end;
    memcpy(answer->why, chain.why, sizeof(answer->why));
    if (chain.end != ESA_DNS_NO_DATA || chain.num_names == 1)
        return;
    set(answer, chain.names[chain.num_names - 1], answer->type);
    esa_dns_ask(client, &answer, 1);
    if (answer->end == ESA_DNS_ALIAS) {
        answer->end = ESA_DNS_FAILED;
        (void)snprintf(answer->why, sizeof(answer->why), "the name changed while it was asked for");
    }
    memcpy(answer->name, name, sizeof(name));
}

/* How many of the names from base upwards are nobody's suffix: what no CA's or registry's answer
 * for "co.uk" can stand in for. */
static size_t count_own(const struct esa_dns_facts *facts) {
    for (size_t i = 0; i < facts->num_levels; i++) {
        struct cp_hostname *level = NULL;
        bool is_suffix = cp_hostname_new(&level, facts->caa[i].name, NULL) == CP_OK &&
                         cp_hostname_is_public_suffix(level);
        cp_hostname_free(level);
        if (is_suffix)
            return i;
    }
    return facts->num_levels;
}

/* The names that RFC 8659 section 3 climbs through, the top-level domain included. */
static enum cp_status set_levels(struct esa_dns_facts *facts, struct cp_error *err) {
    facts->num_levels = 0;
    for (const char *name = facts->base; name != NULL;) {
        if (facts->num_levels == ESA_DNS_MAX_LEVELS)
            return cp_fail(err, CP_ERR_LIMIT, "%.100s: more than %d labels are not climbed for CAA",
                           facts->base, ESA_DNS_MAX_LEVELS);
        set(&facts->caa[facts->num_levels++], name, ESA_DNS_CAA);
        name = strchr(name, '.');
        name = name != NULL ? name + 1 : NULL;
    }
    facts->num_own = count_own(facts);
    return CP_OK;
}

static enum cp_status set_named(struct esa_dns_answer *answer, const char *known,
                                const char *prefix, const char *base, struct cp_error *err) {
    int len = known != NULL && known[0] != '\0'
                  ? snprintf(answer->name, sizeof(answer->name), "%s", known)
                  : snprintf(answer->name, sizeof(answer->name), "%s.%s", prefix, base);
    size_t used = strlen(answer->name);
    if (used != 0 && answer->name[used - 1] == '.')
        answer->name[used - 1] = '\0';
    if (len < 0 || (size_t)len >= sizeof(answer->name) || !esa_dns_name_is_plain(answer->name))
        return cp_fail(err, CP_ERR_LIMIT,
                       "%.100s: its '%s' record's name is none that can be asked for", base,
                       prefix);
    answer->type = ESA_DNS_TXT;
    answer->end = ESA_DNS_UNASKED;
    return CP_OK;
}

enum cp_status esa_dns_gather(struct esa_dns_client *client, struct esa_dns_facts *facts,
                              const struct cp_hostname *hostname,
                              const struct esa_dns_expect *expect, struct cp_error *err) {
    static struct esa_dns_answer cname, acme_cname, scratch; /* large, and there is one thread */
    struct esa_dns_answer *batch[ESA_DNS_MAX_BATCH];
    size_t num = 0;
    memset(facts, 0, sizeof(*facts));
    if (cp_hostname_is_ip(hostname))
        return cp_fail(err, CP_ERR_USAGE, "%.60s: an address has no records of its own",
                       cp_hostname_ascii(hostname));
    (void)snprintf(facts->hostname, sizeof(facts->hostname), "%s", cp_hostname_ascii(hostname));
    (void)snprintf(facts->base, sizeof(facts->base), "%s",
                   facts->hostname + (cp_hostname_is_wildcard(hostname) ? 2 : 0));
    enum cp_status status = set_levels(facts, err);
    if (status == CP_OK)
        status =
            set_named(&facts->owner, expect->verify_host, "_esa_custom_hostname", facts->base, err);
    if (status == CP_OK)
        status = set_named(&facts->acme, expect->cert_txt_key, "_acme-challenge", facts->base, err);
    if (status != CP_OK)
        return status;
    set(&cname, facts->hostname, ESA_DNS_CNAME);
    set(&acme_cname, facts->acme.name, ESA_DNS_CNAME);
    set(&facts->a, facts->hostname, ESA_DNS_A);
    set(&facts->aaaa, facts->hostname, ESA_DNS_AAAA);
    set(&facts->ns, facts->hostname, ESA_DNS_NS);
    struct esa_dns_answer *const fixed[] = {&cname,     &acme_cname,   &facts->a,   &facts->aaaa,
                                            &facts->ns, &facts->owner, &facts->acme};
    for (; num < sizeof(fixed) / sizeof(fixed[0]); num++)
        batch[num] = fixed[num];
    for (size_t i = 0; expect->caa_issuer != NULL && i < facts->num_levels; i++)
        batch[num++] = &facts->caa[i];
    _Static_assert(sizeof(fixed) / sizeof(fixed[0]) + ESA_DNS_MAX_LEVELS <= ESA_DNS_MAX_BATCH,
                   "all at once");
    esa_dns_ask(client, batch, num);
    walk(client, &facts->chain, facts->hostname, &cname, &scratch);
    walk(client, &facts->acme_chain, facts->acme.name, &acme_cname, &scratch);
    for (size_t i = 2; i < num; i++)
        settle(client, batch[i], &scratch);
    return CP_OK;
}
