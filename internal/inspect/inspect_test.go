package inspect_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"hienke/internal/errs"
	"hienke/internal/inspect"
	"hienke/internal/testkit/files"
)

const line = "Xin công bố số liệu quan trắc không khí theo giờ."

func TestWhatIsTakenAndRead(t *testing.T) {
	t.Parallel()
	var n inspect.Inspector
	t.Cleanup(func() { _ = n.Close() })
	for _, tt := range []struct {
		name      string
		content   []byte
		extension string
		text      string
	}{
		{"a PDF", files.PDF("Hello from a page", ""), ".pdf", "Hello from a page"},
		{"a DOCX", files.DOCX([]string{line, "Đoạn hai"}), ".docx", line + "\nĐoạn hai\n"},
		{"an ODT without its metadata", files.ODT(line, ""), ".odt", line + "\n"},
		{"an XLSX", files.XLSX(line), ".xlsx", line + "\n"},
		{"slides in their order", files.PPTX("Một", "Hai"), ".pptx", "Một\nHai\n"},
		{"a plain text", []byte(line), ".txt", line},
		{"a text in UTF-16", append([]byte{0xFF, 0xFE}, 'A', 0, 0xA1, 0x1E), ".txt", "Aạ"},
		{"a text in an old encoding, unread", []byte("C\xE9ng h\xF2a x\xB7 h\xE9i ch\xF1 ngh\xDCa"), ".txt", ""},
		{"a table as text", []byte("a,b\n1,2\n3,4\n"), ".txt", "a,b\n1,2\n3,4\n"},
		{"a JPEG", files.JPEG(), ".jpg", ""},
		{"a PNG", files.PNG(), ".png", ""},
		{"a WebP", files.WebP(), ".webp", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := n.Inspect(t.Context(), tt.content)
			if err != nil || got.Extension != tt.extension || got.Text != tt.text {
				t.Errorf("got %s %q, %v", got.Extension, got.Text, err)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	var n inspect.Inspector
	t.Cleanup(func() { _ = n.Close() })
	letter := files.DOCX([]string{line})
	for _, tt := range []struct {
		name    string
		content []byte
		code    string
	}{
		{"nothing", nil, inspect.CodeEmpty},
		{"a page of the web", []byte("<!DOCTYPE html><html><script>1</script></html>"), inspect.CodeActive},
		{"a drawing with scripts", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), inspect.CodeActive},
		{"a shell script", []byte("#!/bin/sh\nrm -rf /\n"), inspect.CodeActive},
		{"a program", append([]byte("MZ\x90\x00"), make([]byte, 200)...), inspect.CodeActive},
		{"an old Word file", append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 600)...), inspect.CodeOldOffice},
		{"a plain archive", files.Package(files.Part{Name: "a.txt", Text: "a"}), inspect.CodeType},
		{"a text with zeros", []byte("\xFE\xFE text \x00\x00"), inspect.CodeType},
		{"a letter with macros", files.DOCX([]string{line}, files.Part{Name: "word/vbaProject.bin", Text: "x"}), inspect.CodeActive},
		{"a letter with a program in it", files.DOCX([]string{line}, files.Part{Name: "word/embeddings/oleObject1.bin", Text: "..O\x00l\x00e\x001\x000\x00N\x00a\x00t\x00i\x00v\x00e\x00"}), inspect.CodeActive},
		{"a letter whose template is fetched", files.DOCX([]string{line}, files.Part{Name: "word/_rels/settings.xml.rels", Text: `<R Type="…/attachedTemplate" TargetMode="External"/>`}), inspect.CodeActive},
		{"a locked ODT", files.ODT(line, "<manifest:encryption-data/>"), inspect.CodeEncrypted},
		{"a bomb", files.Bomb(), inspect.CodeTooLarge},
		{"a letter cut short", letter[:len(letter)-10], inspect.CodeDamaged},
		{"a letter with something behind it", append(append([]byte{}, letter...), "<html>"...), inspect.CodeDamaged},
		{"a PDF with a script", files.PDF("a", "/OpenAction << /S /JavaScript /JS (app.alert) >>"), inspect.CodeActive},
		{"a PDF with a script in a packed stream", files.HiddenPDF(), inspect.CodeActive},
		{"a PDF that starts a program", files.PDF("a", "/OpenAction << /S /Launch /F (cmd.exe) >>"), inspect.CodeActive},
		{"a PDF with a file in it", files.PDF("a", "/Names << /EmbeddedFiles << >> >>"), inspect.CodeActive},
		{"a locked PDF", files.LockedPDF(), inspect.CodeEncrypted},
		{"a PDF with something behind it", append(files.PDF("a", ""), bytes.Repeat([]byte("PK"), 1000)...), inspect.CodeDamaged},
		{"half a PDF", files.PDF("a", "")[:100], inspect.CodeDamaged},
		{"a picture of a thousand million pixels", files.HugePNG(), inspect.CodePixels},
		{"half a picture", files.PNG()[:80], inspect.CodeDamaged},
		{"half a photograph", files.JPEG()[:300], inspect.CodeDamaged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := n.Inspect(t.Context(), tt.content)
			if errs.CodeOf(err) != tt.code || errs.KindOf(err) != errs.Invalid {
				t.Errorf("taken as %s, %v; want %s", got.Type, err, tt.code)
			}
		})
	}
}

func TestPhotographsLoseTheirMetadataAndNothingElse(t *testing.T) {
	t.Parallel()
	var n inspect.Inspector
	for _, tt := range []struct {
		name    string
		content []byte
		decode  func(b []byte) (image.Image, error)
	}{
		{"JPEG", files.JPEG(), func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }},
		{"PNG", files.PNG(), func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }},
		{"WebP", files.WebP(), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := n.Inspect(t.Context(), tt.content)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(tt.content, []byte(files.Place)) || bytes.Contains(got.Content, []byte(files.Place)) {
				t.Error("the place is still in it")
			}
			if !bytes.Contains(got.Content, []byte("\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06")) {
				t.Error("which way is up was lost")
			}
			if tt.decode == nil {
				return
			}
			before, err := tt.decode(tt.content)
			if err != nil {
				t.Fatal(err)
			}
			after, err := tt.decode(got.Content)
			if err != nil || after.Bounds() != before.Bounds() {
				t.Fatalf("the picture: %v", err)
			}
			for y := range 16 {
				for x := range 24 {
					if before.At(x, y) != after.At(x, y) {
						t.Fatalf("the picture differs at %d, %d", x, y)
					}
				}
			}
		})
	}
}

func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	var n inspect.Inspector
	got, err := n.Inspect(t.Context(), []byte(strings.Repeat("ệ", inspect.MaxText+10)))
	if err != nil || len([]rune(got.Text)) != inspect.MaxText {
		t.Errorf("%d letters, %v", len([]rune(got.Text)), err)
	}
}

// FuzzInspect feeds what nobody made on purpose to everything but the machine
// for PDF.
func FuzzInspect(f *testing.F) {
	for _, seed := range [][]byte{files.JPEG(), files.PNG(), files.WebP(), files.DOCX([]string{"a"}), files.ODT("a", ""), []byte("%PDF-1.4 stream\n/#4")} {
		f.Add(seed)
	}
	var n inspect.Inspector
	f.Fuzz(func(t *testing.T, content []byte) {
		if bytes.HasPrefix(content, []byte("%PDF")) {
			content = append(content, 0)
		}
		if kind, err := inspect.Detect(content); err != nil || kind.Extension == ".pdf" {
			return
		}
		got, err := n.Inspect(t.Context(), content)
		if err != nil && errs.KindOf(err) != errs.Invalid {
			t.Errorf("%v", err)
		}
		if len([]rune(got.Text)) > inspect.MaxText {
			t.Error("too much text")
		}
	})
}
