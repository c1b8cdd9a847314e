package i18n

import (
	"strconv"
	"strings"
	"time"
)

// Number writes an integer with the language's thousands separator: 1.234.567
// in Vietnamese, 1,234,567 in English.
func Number(lang Lang, n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	separator := byte('.')
	if lang == English {
		separator = ','
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(separator)
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}

// Percent writes a share between 0 and 1 in whole per cent.
func Percent(lang Lang, share float64) string {
	return Number(lang, int64(share*100+0.5)) + "%"
}

// Date writes the day at which at falls in zone: "ngày 22 tháng 11 năm 2026",
// "22 November 2026". As in official letters (Decree 30/2020), Vietnamese days
// below 10 and the months 1 and 2 get a leading zero. A zero time gives an
// empty string.
func Date(lang Lang, at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	local := at.In(zone)
	if lang == English {
		return local.Format("2 January 2006")
	}
	if local.Month() <= time.February {
		return local.Format("ngày 02 tháng 01 năm 2006")
	}
	return local.Format("ngày 02 tháng 1 năm 2006")
}

// ShortDate writes the day for tables: "22/11/2026", and "22 Nov 2026" in
// English, where a month as a number is read in two ways.
func ShortDate(lang Lang, at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	local := at.In(zone)
	if lang == English {
		return local.Format("2 Jan 2006")
	}
	return local.Format("02/01/2006")
}

// DateTime writes minute and day: "14:05, 22/11/2026", "14:05, 22 Nov 2026".
func DateTime(lang Lang, at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	return at.In(zone).Format("15:04") + ", " + ShortDate(lang, at, zone)
}

// Machine writes the instant for the datetime attribute of a time element.
func Machine(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	return at.In(zone).Format(time.RFC3339)
}

// Negotiate picks the language from an Accept-Language header: the language
// with the highest weight that the pages speak, Vietnamese where none is
// named. Of equal weights the first named wins.
func Negotiate(header string) Lang {
	best, weight := Langs[0], 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		lang := Lang(primary)
		if q := quality(params); lang.Valid() && q > weight {
			best, weight = lang, q
		}
	}
	return best
}

// quality reads "q=0.8"; what is absent counts 1, what cannot be read 0.
func quality(params string) float64 {
	name, v, found := strings.Cut(strings.TrimSpace(params), "=")
	if !found || strings.TrimSpace(name) != "q" {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}
