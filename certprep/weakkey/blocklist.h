/* blocklist: keys that are known to be compromised, in the form that badkeys publishes.
 *
 *   file  = *entry            sorted, no header
 *   entry = hash id           16 octets
 *   hash  = 15OCTET           SHA-256, cut, of one number of the public key without leading zeros:
 *                             RSA: the modulus; EC: the x coordinate; Edwards: the octets as they
 *                             stand
 *   id    = OCTET             which list it comes from
 *
 * A file badkeysdata.json in the same folder, if there is one, has the lists' names. The file is
 * mapped, not read: whoever replaces it must write a new one and rename it.
 */
#ifndef CP_WEAKKEY_BLOCKLIST_H
#define CP_WEAKKEY_BLOCKLIST_H

#include "../bytes.h"

#define CP_BLOCKLIST_HASH_LEN 15
#define CP_BLOCKLIST_ENTRY_LEN 16
#define CP_MAX_BLOCKLIST_LEN ((size_t)1 << 30)
#define CP_MAX_BLOCKLIST_NAMES_LEN ((size_t)1024 * 1024) /* of badkeysdata.json */

/* Is the hash listed? CP_ERR_PARSE if the file turns out not to be sorted. */
CP_MUST_USE enum cp_status cp_blocklist_find(const struct cp_blocklist *list, bool *found,
                                             uint8_t *id, const uint8_t hash[CP_BLOCKLIST_HASH_LEN],
                                             struct cp_error *err);
/* The list's name, as it stands in the file (not escaped); NULL if it has none. */
const char *cp_blocklist_name(const struct cp_blocklist *list, uint8_t id);

#endif
