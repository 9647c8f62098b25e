#include "path_revoked.h"

#include "revocation/judge.h"

enum cp_status cp_path_ask_revoked(struct cp_path_standings *standings, bool *revoked,
                                   bool *bound_met, struct cp_verifier *verifier,
                                   const struct cp_cert *cert, const struct cp_cert *issuer,
                                   struct cp_error *err) {
    struct cp_standing_result result;
    *revoked = *bound_met = false;
    if (standings->evidence == NULL)
        return CP_OK;
    for (size_t i = 0; i < standings->num_judged; i++)
        if (standings->judged[i].cert == cert && standings->judged[i].issuer == issuer) {
            *revoked = standings->judged[i].revoked;
            return CP_OK;
        }
    *bound_met = standings->num_judged == CP_MAX_PATH_STANDINGS;
    if (*bound_met)
        return CP_OK;
    enum cp_status status =
        cp_standing_of(verifier, &result, standings->evidence, cert, issuer, standings->at_s, err);
    if (status != CP_OK)
        return status;
    *revoked = result.standing == CP_STANDING_REVOKED;
    standings->judged[standings->num_judged].cert = cert;
    standings->judged[standings->num_judged].issuer = issuer;
    standings->judged[standings->num_judged++].revoked = *revoked;
    return CP_OK;
}
