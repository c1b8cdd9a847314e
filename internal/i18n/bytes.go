package i18n

// Bytes writes the size of a file as people read it: 812 KB, 3,4 MB. A
// kilobyte is 1,024 bytes here, as devices show it.
func Bytes(lang Lang, n int64) string {
	const kilo = 1 << 10
	switch {
	case n < kilo:
		return Number(lang, n) + " B"
	case n < kilo*kilo:
		return Number(lang, (n+kilo/2)/kilo) + " KB"
	}
	tenths := (n*10 + kilo*kilo/2) / (kilo * kilo)
	mark := ","
	if lang == English {
		mark = "."
	}
	whole := Number(lang, tenths/10)
	if tenths%10 == 0 {
		return whole + " MB"
	}
	return whole + mark + Number(lang, tenths%10) + " MB"
}
