// Package inspect looks into files that strangers send: it tells by the content
// what a file is, refuses what could act on a reader's machine, takes out of
// photographs what says where and by whom they were taken, and reads the text.
//
// Everything here works within bounds of size, depth and memory, whatever the
// file says about itself. A file that cannot be understood is refused.
package inspect

import (
	"bytes"
	"context"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"hienke/internal/errs"
)

// MaxText bounds the text that is read out of one file, in letters: as much as
// the longest submission.
const MaxText = 50_000

// Why a file is refused. Each is an error code of kind Invalid, and the key of
// what the sender is told.
const (
	CodeEmpty     = "file.empty"
	CodeType      = "file.type_not_accepted"
	CodeOldOffice = "file.old_office"       // .doc, .xls, .ppt: a container that holds anything
	CodeHEIC      = "file.heic"             // no library that we trust takes its metadata out
	CodeEncrypted = "file.encrypted"        // nobody here has the password
	CodeActive    = "file.active_content"   // macros, scripts, programs inside
	CodeDamaged   = "file.damaged"          // cut off, or not what it begins as
	CodeTooLarge  = "file.unpacks_too_much" // a bomb
	CodePixels    = "file.too_many_pixels"
)

// Codes lists them, for the test that each has a text.
var Codes = []string{CodeEmpty, CodeType, CodeOldOffice, CodeHEIC, CodeEncrypted, CodeActive, CodeDamaged, CodeTooLarge, CodePixels}

func refuse(code string) error { return errs.New(errs.Invalid, code) }

// Kind is a type of file that is taken.
type Kind struct {
	Type      string // media type
	Extension string // with its dot
}

// Kinds are the types of files that are taken.
var Kinds = []Kind{
	{"application/pdf", ".pdf"},
	{"image/jpeg", ".jpg"},
	{"image/png", ".png"},
	{"image/webp", ".webp"},
	{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
	{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
	{"application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"},
	{"application/vnd.oasis.opendocument.text", ".odt"},
	{"application/vnd.oasis.opendocument.spreadsheet", ".ods"},
	{"text/plain", ".txt"},
}

// refusedKinds are types that people send in good faith and that have a reason
// of their own.
var refusedKinds = map[string]string{
	"application/x-ole-storage": CodeOldOffice, "application/msword": CodeOldOffice,
	"application/vnd.ms-excel": CodeOldOffice, "application/vnd.ms-powerpoint": CodeOldOffice,
	"image/heic": CodeHEIC, "image/heif": CodeHEIC, "image/heic-sequence": CodeHEIC, "image/heif-sequence": CodeHEIC, "image/avif": CodeHEIC,
	"text/html": CodeActive, "image/svg+xml": CodeActive, "text/javascript": CodeActive, "application/javascript": CodeActive,
	"text/x-shellscript": CodeActive, "text/x-python": CodeActive, "text/x-php": CodeActive, "text/x-perl": CodeActive,
	"text/x-ruby": CodeActive, "text/x-lua": CodeActive, "text/x-tcl": CodeActive,
	"application/vnd.microsoft.portable-executable": CodeActive, "application/x-elf": CodeActive, "application/x-executable": CodeActive,
	"application/jar": CodeActive, "application/x-ms-shortcut": CodeActive, "application/vnd.ms-htmlhelp": CodeActive,
}

// Detect tells by the first bytes of a file what it is, or fails with the
// reason why that is not taken. Of a package (DOCX, ODT and the like) it needs
// more than the beginning and may be wrong about it; Inspect decides.
func Detect(head []byte) (Kind, error) {
	if len(head) == 0 {
		return Kind{}, refuse(CodeEmpty)
	}
	found := mimetype.Detect(head)
	name, _, _ := strings.Cut(found.String(), ";")
	for _, k := range Kinds {
		if k.Type == name {
			return k, nil
		}
	}
	if name == "text/csv" || name == "text/tab-separated-values" {
		return kindOf("text/plain"), nil
	}
	for t := found; t != nil; t = t.Parent() {
		name, _, _ := strings.Cut(t.String(), ";")
		if code, ok := refusedKinds[name]; ok {
			if code == CodeOldOffice && bytes.Contains(head, utf16Name("EncryptedPackage")) {
				return Kind{}, refuse(CodeEncrypted)
			}
			return Kind{}, refuse(code)
		}
	}
	return Kind{}, refuse(CodeType)
}

func kindOf(mediaType string) Kind {
	for _, k := range Kinds {
		if k.Type == mediaType {
			return k
		}
	}
	return Kind{}
}

// utf16Name is a name as the directory of an OLE container spells it.
func utf16Name(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}

// Report is what was found in a file that is taken.
type Report struct {
	Kind
	// Content is the file as it is kept: a photograph without its metadata,
	// anything else as it came.
	Content []byte
	// Text is what can be read in it, at most MaxText letters.
	Text string
}

// Inspector looks into files. It holds the reader for PDF, which is made with
// the first one.
type Inspector struct{ pdf pdfReader }

// Close gives the reader's memory back.
func (n *Inspector) Close() error { return n.pdf.close() }

// Inspect looks into a whole file. It fails with Invalid and one of Codes where
// the file is refused.
func (n *Inspector) Inspect(ctx context.Context, content []byte) (Report, error) {
	kind, err := Detect(content)
	if err != nil {
		return Report{}, err
	}
	r := Report{Kind: kind, Content: content}
	switch kind.Extension {
	case ".pdf":
		r.Text, err = n.pdf.read(ctx, content)
	case ".jpg":
		r.Content, err = cleanJPEG(content)
	case ".png":
		r.Content, err = cleanPNG(content)
	case ".webp":
		r.Content, err = cleanWebP(content)
	case ".txt":
		r.Text, err = plainText(content)
	default:
		r.Text, err = readPackage(content, kind)
	}
	if err != nil {
		return Report{}, err
	}
	r.Text = bounded(r.Text)
	return r, nil
}

// bounded cuts a text to MaxText letters and to what a database can hold.
func bounded(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, " "), "\x00", " ")
	if utf8.RuneCountInString(text) <= MaxText {
		return text
	}
	n := 0
	for i := range text {
		if n == MaxText {
			return text[:i]
		}
		n++
	}
	return text
}
