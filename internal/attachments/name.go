package attachments

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"hienke/internal/vitext"
)

// maxName bounds a name in bytes: what file systems take.
const maxName = 200

// CleanName makes a name that is safe to show and to save: its last part alone,
// in one line, without characters that turn text around or stand for nothing.
// Vietnamese letters stay.
func CleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Cf, r), unicode.IsControl(r), r == utf8.RuneError,
			unicode.In(r, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, vitext.Normalize(name))
	name = strings.TrimRight(strings.Join(strings.Fields(name), " "), " .")
	extension := path.Ext(name)
	if len(extension) > 10 {
		extension = ""
	}
	stem := strings.TrimSuffix(name, extension)
	for len(stem)+len(extension) > maxName {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	if stem = strings.Trim(stem, " ."); stem == "" {
		stem = "tep"
	}
	return stem + extension
}

// known are endings that say what a file is, rightly or not.
var known = map[string]bool{}

func init() {
	for _, e := range strings.Fields(".pdf .jpg .jpeg .png .webp .docx .xlsx .pptx .odt .ods .txt .csv .tsv .doc .xls .ppt .gif .heic .html .htm .exe .zip .rtf .svg .bin .dat .docm .xlsm") {
		known[e] = true
	}
}

// withExtension gives a name the ending of what the file is.
func withExtension(name, extension string) string {
	old := strings.ToLower(path.Ext(name))
	switch {
	case old == extension, old == ".jpeg" && extension == ".jpg", (old == ".csv" || old == ".tsv") && extension == ".txt":
		return name
	case known[old]:
		name = name[:len(name)-len(old)]
	}
	return name + extension
}
