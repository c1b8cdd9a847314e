// Package files makes small files of every kind for tests: letters, pictures,
// packages, and what somebody with bad intentions would send.
package files

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
)

// Place is what the metadata of the pictures tells: it must not survive.
const Place = "21.0285N 105.8542E"

func must(err error) {
	if err != nil {
		panic(err) // fixtures are fixed: they encode or the test is wrong
	}
}

func picture() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 24, 16))
	for y := range 16 {
		for x := range 24 {
			m.Set(x, y, color.RGBA{uint8(10 * x), uint8(15 * y), 90, 255})
		}
	}
	return m
}

// EXIF is a block of metadata: an orientation, and a place behind it.
func EXIF(orientation uint16) []byte {
	b := []byte("II\x2A\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	b = binary.LittleEndian.AppendUint16(b, orientation)
	return append(append(b, 0, 0, 0, 0, 0, 0), Place...)
}

// JPEG is a photograph that lies on its side, with a place and a comment.
func JPEG() []byte {
	var b bytes.Buffer
	must(jpeg.Encode(&b, picture(), nil))
	segment := func(marker byte, body string) string {
		return string([]byte{0xFF, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}) + body
	}
	return []byte("\xFF\xD8" + segment(0xE1, "Exif\x00\x00"+string(EXIF(6))) + segment(0xE1, "http://ns.adobe.com/xap/1.0/\x00"+Place) +
		segment(0xED, Place) + segment(0xFE, Place) + b.String()[2:] + "PK\x03\x04" + Place)
}

func pngChunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	named := append([]byte(kind), body...)
	return binary.BigEndian.AppendUint32(append(out, named...), crc32.ChecksumIEEE(named))
}

// PNG is a picture with a place in three kinds of chunks, and something behind
// its end.
func PNG() []byte {
	var b bytes.Buffer
	must(png.Encode(&b, picture()))
	const head = 8 + 25 // signature and IHDR
	out := append([]byte{}, b.Bytes()[:head]...)
	out = append(out, pngChunk("tEXt", []byte("Location\x00"+Place))...)
	out = append(out, pngChunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+Place))...)
	out = append(out, pngChunk("eXIf", EXIF(6))...)
	return append(append(out, b.Bytes()[head:]...), Place...)
}

// HugePNG claims to be 10^9 pixels large and is a few bytes long.
func HugePNG() []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 50_000), 20_000)
	out := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(header, 8, 2, 0, 0, 0))...)
	return append(append(out, pngChunk("IDAT", []byte{0x78, 0x9c, 3, 0, 0, 0, 0, 1})...), pngChunk("IEND", nil)...)
}

// WebP is a picture of one pixel with a place.
func WebP() []byte {
	chunk := func(kind, body string) string {
		out := kind + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body
		if len(body)%2 == 1 {
			out += "\x00"
		}
		return out
	}
	body := "WEBP" + chunk("VP8X", "\x0C\x00\x00\x00\x00\x00\x00\x00\x00\x00") +
		chunk("VP8L", "\x2F\x00\x00\x00\x00\x88\x88\x08") + chunk("EXIF", string(EXIF(6))) + chunk("XMP ", Place)
	return []byte("RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body)
}

// PDF is a document of one page with a line of text; extra stands in its
// catalogue.
func PDF(line, extra string) []byte {
	content := fmt.Sprintf("BT /F1 12 Tf 20 100 Td (%s) Tj ET", line)
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R " + extra + " >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	return assemble(objects, "")
}

// HiddenPDF keeps its script in a packed stream of objects.
func HiddenPDF() []byte {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, err := w.Write([]byte("7 0 << /S /J#61vaScript /JS (app.alert\\(1\\)) >>"))
	must(err)
	must(w.Close())
	return assemble([]string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>",
		fmt.Sprintf("<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", packed.Len(), packed.String()),
	}, "")
}

// LockedPDF says that it is encrypted.
func LockedPDF() []byte {
	return assemble([]string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>",
		"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O (" + strings.Repeat("o", 32) + ") /U (" + strings.Repeat("u", 32) + ") >>",
	}, "/Encrypt 3 0 R /ID [(a) (a)]")
}

func assemble(objects []string, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
	return b.Bytes()
}

// Part is a file in a package.
type Part struct{ Name, Text string }

// Package is an archive.
func Package(parts ...Part) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		method := zip.Deflate
		if p.Name == "mimetype" {
			method = zip.Store
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: p.Name, Method: method})
		must(err)
		_, err = f.Write([]byte(p.Text))
		must(err)
	}
	must(w.Close())
	return b.Bytes()
}

// DOCX is a letter of several paragraphs, with more parts where given.
func DOCX(paragraphs []string, more ...Part) []byte {
	var body strings.Builder
	for _, p := range paragraphs {
		body.WriteString("<w:p><w:r><w:t>" + p + "</w:t></w:r></w:p>")
	}
	return Package(append([]Part{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`},
		{"_rels/.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>`},
		{"word/document.xml", `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + body.String() + `</w:body></w:document>`},
	}, more...)...)
}

// ODT is a letter in OpenDocument.
func ODT(text, manifest string) []byte {
	return Package(Part{"mimetype", "application/vnd.oasis.opendocument.text"},
		Part{"META-INF/manifest.xml", `<manifest:manifest xmlns:manifest="m">` + manifest + `</manifest:manifest>`},
		Part{"content.xml", `<o:document xmlns:o="o" xmlns:text="t"><o:meta>ẩn</o:meta><o:body><text:p>` + text + `</text:p></o:body></o:document>`})
}

// XLSX is a sheet with one shared text.
func XLSX(text string) []byte {
	return Package(Part{"[Content_Types].xml", `<Types/>`}, Part{"xl/workbook.xml", `<workbook/>`},
		Part{"xl/sharedStrings.xml", `<sst><si><t>` + text + `</t></si></sst>`}, Part{"xl/worksheets/sheet1.xml", `<worksheet/>`})
}

// PPTX has two slides, stored in the wrong order.
func PPTX(first, second string) []byte {
	slide := func(text string) string {
		return `<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:t>` + text + `</a:t></a:p></p:sld>`
	}
	return Package(Part{"[Content_Types].xml", `<Types/>`}, Part{"ppt/presentation.xml", `<p/>`},
		Part{"ppt/slides/slide10.xml", slide(second)}, Part{"ppt/slides/slide2.xml", slide(first)})
}

// Bomb is a letter that unpacks to much more than it is.
func Bomb() []byte {
	return DOCX([]string{"x"}, Part{"word/media/a.bin", strings.Repeat("\x00", 64<<20)})
}

// EICAR is the text that every scanner finds, by agreement.
const EICAR = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`
