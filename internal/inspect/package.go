package inspect

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Office files are packages: archives of XML. What is read of one is bounded by
// what comes out of the archive, not by what its directory claims.
const (
	maxEntries  = 5_000
	maxUnpacked = 300 << 20 // bytes of all entries together, as declared
	maxXML      = 64 << 20  // bytes that are read of one package
	maxRatio    = 200       // declared bytes for each packed one, over the whole
	maxObject   = 8 << 20   // bytes of an embedded object that are looked at
)

// readPackage checks an office file and returns its text.
func readPackage(content []byte, kind Kind) (string, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || !bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return "", refuse(CodeDamaged)
	}
	// A second file could hide behind the end, where an archive's reader does
	// not look.
	if !endsWithDirectory(content, archive.Comment) {
		return "", refuse(CodeDamaged)
	}
	if len(archive.File) > maxEntries {
		return "", refuse(CodeTooLarge)
	}
	var unpacked uint64
	for _, f := range archive.File {
		unpacked += f.UncompressedSize64
		if f.Flags&1 != 0 {
			return "", refuse(CodeEncrypted)
		}
		if unpacked > maxUnpacked || unpacked > uint64(len(content))*maxRatio+1<<20 {
			return "", refuse(CodeTooLarge)
		}
	}
	p := &office{left: maxXML}
	for _, f := range archive.File {
		if err := p.checkEntry(f); err != nil {
			return "", err
		}
	}
	if err := p.read(archive, kind); err != nil {
		return "", err
	}
	return p.text.String(), nil
}

// endsWithDirectory reports whether the file ends with the archive's own
// directory and its comment.
func endsWithDirectory(content []byte, comment string) bool {
	at := len(content) - 22 - len(comment) // the fixed part of the end record
	return at >= 0 && bytes.HasPrefix(content[at:], []byte("PK\x05\x06"))
}

// office is a package while it is read.
type office struct {
	left int64 // bytes that may still be read
	text strings.Builder
}

// activeNames are endings and parts of names of what acts by itself.
var activeNames = []string{
	".exe", ".dll", ".scr", ".js", ".jse", ".vbs", ".vbe", ".wsf", ".hta", ".bat", ".cmd", ".ps1", ".lnk", ".jar", ".msi", ".com", ".pif", ".chm",
}

// checkEntry refuses macros, controls, scripts and programs inside of a package.
func (p *office) checkEntry(f *zip.File) error {
	name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
	switch {
	case strings.Contains(name, "vbaproject"), strings.Contains(name, "vbadata"), strings.Contains(name, "/macrosheets/"),
		strings.Contains(name, "/activex/"), strings.HasPrefix(name, "basic/"), strings.HasPrefix(name, "scripts/"),
		slices.ContainsFunc(activeNames, func(end string) bool { return strings.HasSuffix(name, end) }):
		return refuse(CodeActive)
	case strings.HasSuffix(name, ".bin") && strings.Contains(name, "embeddings/"), strings.HasPrefix(name, "object "):
		// Formulas and charts of other programs are objects too; what wraps a
		// file of any kind is called a package.
		object, err := p.open(f, maxObject)
		if err != nil {
			return err
		}
		if bytes.Contains(object, utf16Name("Ole10Native")) {
			return refuse(CodeActive)
		}
	case strings.HasSuffix(name, ".rels"):
		rels, err := p.open(f, maxObject)
		if err != nil {
			return err
		}
		// A template that is fetched from elsewhere brings macros of its own.
		if bytes.Contains(rels, []byte("attachedTemplate")) && bytes.Contains(rels, []byte(`TargetMode="External"`)) {
			return refuse(CodeActive)
		}
	case name == "meta-inf/manifest.xml":
		manifest, err := p.open(f, maxObject)
		if err != nil {
			return err
		}
		if bytes.Contains(manifest, []byte("encryption-data")) {
			return refuse(CodeEncrypted)
		}
	}
	return nil
}

// open reads an entry, at most so many bytes of it.
func (p *office) open(f *zip.File, most int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, refuse(CodeDamaged)
	}
	defer r.Close() //nolint:errcheck // what was read is checked
	most = min(most, p.left)
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, refuse(CodeDamaged)
	}
	if int64(len(b)) > most {
		return nil, refuse(CodeTooLarge)
	}
	p.left -= int64(len(b))
	return b, nil
}

// read collects the text. A package without its main part is none.
func (p *office) read(archive *zip.Reader, kind Kind) error {
	parts := partsOf(archive, kind)
	if len(parts) == 0 {
		return refuse(CodeDamaged)
	}
	for _, f := range parts {
		if p.text.Len() > 4*MaxText { // bytes; letters are counted at the end
			return nil
		}
		b, err := p.open(f, maxXML)
		if err != nil {
			return err
		}
		if err := p.collect(b, strings.HasPrefix(kind.Extension, ".od")); err != nil {
			return err
		}
	}
	return nil
}

// partsOf are the entries that hold a package's text, in their order.
func partsOf(archive *zip.Reader, kind Kind) []*zip.File {
	wanted := map[string]string{
		".docx": "word/document.xml", ".xlsx": "xl/sharedStrings.xml", ".pptx": "ppt/slides/slide*.xml", ".odt": "content.xml", ".ods": "content.xml",
	}[kind.Extension]
	var found []*zip.File
	sheets := 0
	for _, f := range archive.File {
		if ok, _ := path.Match(wanted, f.Name); ok { // the patterns are ours
			found = append(found, f)
		}
		if strings.HasPrefix(f.Name, "xl/worksheets/") {
			sheets++
		}
	}
	if kind.Extension == ".xlsx" && len(found) == 0 && sheets > 0 { // numbers alone
		for _, f := range archive.File {
			if strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
				found = append(found, f)
			}
		}
	}
	slices.SortFunc(found, func(a, b *zip.File) int { return numberIn(a.Name) - numberIn(b.Name) })
	return found
}

// numberIn is the number in a name such as slide12.xml.
func numberIn(name string) int {
	digits := strings.TrimFunc(path.Base(name), func(r rune) bool { return r < '0' || r > '9' })
	n, _ := strconv.Atoi(digits) // none is zero
	return n
}

// breaks are the elements after which a new line or cell begins.
var breaks = map[string]string{"p": "\n", "h": "\n", "si": "\n", "br": "\n", "line-break": "\n", "tab": "\t", "table-cell": "\t", "tc": "\t"}

// collect adds the text of one part. In Office's XML text stands in elements
// called t, in OpenDocument's anywhere in the body.
func (p *office) collect(b []byte, everywhere bool) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = true
	inside := 0
	for p.text.Len() <= 4*MaxText {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return refuse(CodeDamaged)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "t" || everywhere && t.Name.Local == "body" {
				inside++
			}
		case xml.EndElement:
			if t.Name.Local == "t" || everywhere && t.Name.Local == "body" {
				inside--
			}
			p.text.WriteString(breaks[t.Name.Local])
		case xml.CharData:
			if inside > 0 {
				p.text.Write(t)
			}
		}
	}
	return nil
}
