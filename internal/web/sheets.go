package web

import (
	"encoding/csv"
	"io"
	"strings"
)

// beginCSV writes the head of a file that spreadsheets open: the mark without
// which they misread Vietnamese, and the columns.
func beginCSV(out *csv.Writer, to io.Writer, columns []string) error {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	return out.Write(columns)
}

// plainCell keeps a spreadsheet from taking a text for a formula: what begins
// like one gets an apostrophe in front, which spreadsheets do not show.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
