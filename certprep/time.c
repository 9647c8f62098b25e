#include <stdio.h>
#include <string.h>

#include "bytes.h"

/* Days from 1970-01-01 in the proleptic Gregorian calendar; March-based years keep the leap day
 * last. */
static int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

bool cp_time_from_civil(int64_t *time_s, int year, int month, int day, int hour, int minute,
                        int second) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > days[month - 1] + (month == 2 && leap))
        return false;
    *time_s = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

void cp_time_format(char out[CP_TIME_TEXT], int64_t time_s) {
    int64_t days = time_s / 86400, rest = time_s % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    /* Inverse of days_from_civil. */
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_index = (5 * day_of_year + 2) / 153;
    int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    if (year < 0 || year > 9999) {
        snprintf(out, CP_TIME_TEXT, "%s", year < 0 ? "before year 0" : "no end");
        return;
    }
    snprintf(out, CP_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month,
             (int)(day_of_year - (153 * month_index + 2) / 5 + 1), (int)(rest / 3600),
             (int)(rest / 60 % 60), (int)(rest % 60));
}

/* Reads count digits. */
static bool digits(int *value, const char *text, size_t count) {
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

#define MAX_TIME_S 253402300800 /* 10000-01-01 */

const char *cp_day_format(char out[CP_TIME_TEXT], int64_t time_s) {
    cp_time_format(out, time_s);
    if (out[10] == 'T') /* else it is words */
        out[10] = '\0';
    return out;
}

enum cp_status cp_time_parse(int64_t *time_s, const char *text, struct cp_error *err) {
    size_t len = strlen(text);
    int year, month, day, hour = 0, minute = 0, second = 0;
    if (text[0] == '@' && len > 1 && len <= 13) {
        int64_t value = 0;
        size_t i = 1;
        for (; i < len && text[i] >= '0' && text[i] <= '9'; i++)
            value = value * 10 + (text[i] - '0');
        if (i == len && value < MAX_TIME_S) {
            *time_s = value;
            return CP_OK;
        }
    }
    bool ok = (len == 10 || (len == 20 && text[10] == 'T' && text[13] == ':' && text[16] == ':' &&
                             text[19] == 'Z' && digits(&hour, text + 11, 2) &&
                             digits(&minute, text + 14, 2) && digits(&second, text + 17, 2))) &&
              text[4] == '-' && text[7] == '-' && digits(&year, text, 4) &&
              digits(&month, text + 5, 2) && digits(&day, text + 8, 2) &&
              cp_time_from_civil(time_s, year, month, day, hour, minute, second);
    if (!ok)
        return cp_fail(err, CP_ERR_USAGE,
                       "time '%.40s': want YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ or @SECONDS (UTC)",
                       text);
    return CP_OK;
}
