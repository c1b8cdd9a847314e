package importing_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/importing"
	"hienke/internal/intake"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// body is a text that keeps every rule.
const body = "Đề nghị công bố số đo của các trạm quan trắc nước mặt theo giờ."

func service(h *house.House) *intake.Service {
	return &intake.Service{
		Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now, Random: h.Random,
	}
}

func options(f importing.Format) importing.Options {
	return importing.Options{Format: f, Source: "test", Kind: civic.Recommendation}
}

// run imports a text and says "read stored repeated" and, for every refused
// line, "number:field=code".
func run(t *testing.T, h *house.House, o importing.Options, text string) string {
	t.Helper()
	report, err := importing.Run(t.Context(), service(h), strings.NewReader(text), o, nil)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return told(report)
}

func told(r importing.Report) string {
	out := fmt.Sprint(r.Read, r.Stored, r.Repeated)
	for _, refused := range r.Refused {
		out += fmt.Sprintf(" %d:", refused.Line)
		for i, f := range errs.FieldsOf(refused.Err) {
			if i > 0 {
				out += ","
			}
			out += f.Name + "=" + f.Code
		}
		if len(errs.FieldsOf(refused.Err)) == 0 {
			out += errs.CodeOf(refused.Err)
		}
	}
	return out
}

// all returns every submission in the order of receipt.
func all(t *testing.T, h *house.House) (subs []civic.Submission) {
	t.Helper()
	h.View(t, func(tx store.Tx) (err error) {
		subs, err = tx.Submissions().After(t.Context(), 0, 1000)
		return err
	})
	return subs
}

func TestBothFormatsBringTheSameIn(t *testing.T) {
	t.Parallel()
	files := map[importing.Format]string{
		importing.JSONL: `{"id": 7, "kind": "solution", "title": "Trạm quan trắc", "body": "` + body + `\nDòng hai.", "topic": "du-lieu", "area": "01", "language": "vi", "name": "Ánh", "email": "anh@example.vn", "label": "bo-y-te"}`,
		importing.CSV: "\ufeffid,kind,title,body,topic,area,language,name,email,label\r\n" +
			`7,solution,Trạm quan trắc,"` + body + "\nDòng hai." + `",du-lieu,01,vi,Ánh,anh@example.vn,bo-y-te` + "\r\n",
	}
	for format, text := range files {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			house.Each(t, func(t *testing.T, h *house.House) {
				if got := run(t, h, options(format), text); got != "1 1 0" {
					t.Fatalf("report %q", got)
				}
				sub := all(t, h)[0]
				if sub.Kind != civic.Solution || sub.Title != "Trạm quan trắc" || sub.Body != body+"\nDòng hai." || sub.Topic != "du-lieu" || sub.Area != "01" ||
					sub.Channel != civic.ChannelImport || sub.State != civic.Received || sub.Agency != "" {
					t.Errorf("stored %+v", sub)
				}
				if len(h.Messages(t, sub.Code)) != 0 {
					t.Error("an imported sender got a receipt")
				}
				if len(h.Jobs(t, store.JobMatch)) != 1 {
					t.Error("it will not be matched")
				}
				h.View(t, func(tx store.Tx) error {
					sealed, err := tx.Contacts().Get(t.Context(), sub.ID)
					if err != nil {
						return err
					}
					c, err := h.Keys.OpenContact(sub.Code, sealed.WrappedKey, sealed.Sealed)
					if want := (civic.Contact{Name: "Ánh", Email: "anh@example.vn"}); c != want {
						t.Errorf("contact %+v", c)
					}
					return err
				})
			})
		})
	}
}

func TestRefusedLinesAreNamedAndStopNobody(t *testing.T) {
	t.Parallel()
	good := `{"body": "` + body + `"}`
	tests := []struct {
		name   string
		format importing.Format
		text   string
		want   string
	}{
		{"an empty file", importing.JSONL, "", "0 0 0"},
		{"an empty table", importing.CSV, "", "0 0 0"},
		{"blank lines", importing.JSONL, "\n\n" + good + "\n  \n", "1 1 0"},
		{"a byte order mark", importing.JSONL, "\ufeff" + good, "1 1 0"},
		{"no end of the last line", importing.JSONL, good + "\n" + good, "2 2 0"},
		{"Windows line ends", importing.JSONL, good + "\r\n" + good + "\r\n", "2 2 0"},
		{"what is no JSON", importing.JSONL, good + "\nnonsense\n" + `{"body": "x` + "\n" + good, "4 2 0 2:line=field.not_json 3:line=field.not_json"},
		{"what is no object", importing.JSONL, "[1]\nnull\n\"text\"\n" + good, "4 1 0 1:line=field.not_json 2:line=field.not_json 3:line=field.not_json"},
		{"two objects in a line", importing.JSONL, good + good + "\n" + good + " x\n" + good, "3 1 0 1:line=field.not_json 2:line=field.not_json"},
		{"a line that is too long", importing.JSONL, good + "\n" + `{"body": "` + strings.Repeat("x", 1<<20) + `"}` + "\n" + good, "3 2 0 2:line=field.too_long"},
		{"a last line that is too long", importing.JSONL, good + "\n" + strings.Repeat(" ", 1<<20) + "x", "2 1 0 2:line=field.too_long"},
		{"every rule of a submission", importing.JSONL, `{"kind": "wish", "topic": "magic", "area": "99", "language": "!"}` + "\n" + good,
			"2 1 0 1:kind=field.unknown_value,title=field.required,body=field.required,topic=field.unknown_value,area=field.unknown_value,language=field.unknown_value"},
		{"too long a text", importing.JSONL, `{"body": "` + strings.Repeat("ệ", civic.MaxBody+1) + `"}`, "1 0 0 1:body=field.too_long"},
		{"a text of the wrong type", importing.JSONL, `{"body": ["` + body + `"]}`, "1 0 0 1:title=field.required,body=field.required"},
		{"a row with too few and too many cells", importing.CSV, "title,body\nTiêu đề\nTiêu đề," + body + "\nTiêu đề," + body + ",x\n",
			"3 1 0 2:line=field.wrong_columns 4:line=field.wrong_columns"},
		{"a stray quote", importing.CSV, "title,body\nTiêu \"đề," + body + "\nTiêu đề," + body + "\n", "2 1 0 2:line=field.not_csv"},
		{"a row after a text of several lines", importing.CSV, "title,body\nTiêu đề,\"" + body + "\n\nDòng ba\"\nTiêu đề,\n", "2 1 0 5:body=field.required"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := house.New(t)
			if got := run(t, h, options(tt.format), tt.text); got != tt.want {
				t.Errorf("report %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAMissingTitleIsTheBeginningOfTheText(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Đề nghị mở dữ liệu. ", 20)
	first := string([]rune(strings.TrimSpace(long))[:120])
	tests := map[string][2]string{ // the line, the title
		"none":         {`{"body": "` + long + `"}`, strings.TrimSpace(first)},
		"empty":        {`{"title": "", "body": "` + body + `"}`, body},
		"of spaces":    {`{"title": "       ", "body": "` + body + `"}`, body},
		"invisible":    {`{"title": "\u200b\u200b\u200b\u200b\u200b\u200b", "body": "` + body + `"}`, body},
		"too short":    {`{"title": "abc", "body": "` + body + `"}`, body},
		"of two lines": {`{"body": "Dòng một nói về\ndòng hai nói rõ hơn."}`, "Dòng một nói về dòng hai nói rõ hơn."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := house.New(t)
			if got := run(t, h, options(importing.JSONL), tt[0]); got != "1 1 0" {
				t.Fatalf("report %q", got)
			}
			if got := all(t, h)[0].Title; got != tt[1] {
				t.Errorf("title %q, want %q", got, tt[1])
			}
		})
	}
}

func TestColumnsAreMapped(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	o := options(importing.CSV)
	o.Map = map[string]string{"body": "Nội dung", "title": "Chủ đề", "kind": "loại"}
	if got := run(t, h, o, "Chủ đề,Nội dung,body,loại\nTiêu đề riêng,"+body+",không phải cột này,feedback\n"); got != "1 1 0" {
		t.Fatalf("report %q", got)
	}
	if sub := all(t, h)[0]; sub.Title != "Tiêu đề riêng" || sub.Body != body || sub.Kind != civic.Feedback {
		t.Errorf("stored %+v", sub)
	}
	for _, column := range []string{"text", "content", "question"} { // the usual names
		h := house.New(t)
		if got := run(t, h, options(importing.JSONL), `{"`+column+`": "`+body+`"}`); got != "1 1 0" {
			t.Errorf("a column %s: %q", column, got)
		}
		if sub := all(t, h)[0]; sub.Kind != civic.Recommendation {
			t.Errorf("without a kind it is %s", sub.Kind)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	o := options(importing.JSONL)
	o.Map, o.Kind = map[string]string{"agency": "label"}, "wish"
	_, err := importing.Run(t.Context(), service(h), strings.NewReader(""), o, nil)
	var got []string
	for _, f := range errs.FieldsOf(err) {
		got = append(got, f.Name)
	}
	if diff := cmp.Diff([]string{"map.agency", "kind"}, got); diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestADryRunStoresNothingAndRefusesTheSame(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	o := options(importing.JSONL)
	o.DryRun = true
	text := `{"body": "` + body + `"}` + "\nnonsense\n" + `{"body": "ngắn"}`
	dry := run(t, h, o, text)
	if h.Total(t) != 0 || len(h.Jobs(t, store.JobMatch)) != 0 {
		t.Error("something was stored")
	}
	o.DryRun = false
	if wet := run(t, h, o, text); wet != dry {
		t.Errorf("the dry run says %q, the real one %q", dry, wet)
	}
}

func TestTheSameFileAgainRepeatsEveryLine(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		var lines []string
		for i := range 200 {
			lines = append(lines, fmt.Sprintf(`{"id": "câu-%d", "body": "%s Lần %d."}`, i, body, i))
		}
		text := strings.Join(lines, "\n") + "\n" + `{"body": "` + body + ` Không có mã."}`
		if got := run(t, h, options(importing.JSONL), text); got != "201 201 0" {
			t.Fatalf("first %q", got)
		}
		if got := run(t, h, options(importing.JSONL), text); got != "201 0 201" {
			t.Errorf("again %q", got)
		}
		if h.Total(t) != 201 {
			t.Errorf("%d submissions", h.Total(t))
		}
		changed := strings.Replace(text, "Lần 5.", "Lần năm, đã sửa.", 1)
		if got := run(t, h, options(importing.JSONL), changed); got != "201 0 200 6:idempotency.other_body" {
			t.Errorf("a changed line: %q", got)
		}
		other := options(importing.JSONL)
		other.Source = "another file"
		if got := run(t, h, other, lines[0]); got != "1 1 0" {
			t.Errorf("the same line of another source: %q", got)
		}
	})
}

func TestBytesThatAreNoTextDoNoHarm(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		jsonl := "{\"id\": \"a\\u0000b\", \"title\": \"Trạm\\u0000 quan trắc \xff\xfe\", \"body\": \"" + body + "\\ud800 \xc3\x28 \\u0000\", \"name\": \"\\u0000Ánh\", \"email\": \"a\\u0000@b.vn\"}\n" +
			"{\"topic\": \"du-lieu\\u0000\", \"body\": \"" + body + "\"}"
		if got := run(t, h, options(importing.JSONL), jsonl); got != "2 1 0 2:topic=field.unknown_value" {
			t.Errorf("JSONL: %q", got)
		}
		csv := "title,body,language\nTrạm\x00 quan trắc,\"" + body + " \xff\x00\",vi\nTrạm,\"" + body + "\",v\x00i\n"
		if got := run(t, h, options(importing.CSV), csv); got != "2 1 0 3:language=field.unknown_value" {
			t.Errorf("CSV: %q", got)
		}
		for _, sub := range all(t, h) {
			if strings.ContainsRune(sub.Title+sub.Body, 0) || !strings.HasPrefix(sub.Title, "Trạm quan trắc") {
				t.Errorf("stored %q %q", sub.Title, sub.Body)
			}
		}
	})
}

func TestWhatIsNotTheLinesFaultStopsTheImport(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	line := `{"body": "` + body + `"}` + "\n"
	gone := errors.New("the disk is gone")
	for text, format := range map[string]importing.Format{line: importing.JSONL, "": importing.CSV, "title,body\n": importing.CSV} {
		broken := io.MultiReader(strings.NewReader(text), iotest.ErrReader(gone))
		if _, err := importing.Run(t.Context(), service(h), broken, options(format), nil); !errors.Is(err, gone) || errs.KindOf(err) != errs.Internal {
			t.Errorf("a %s file broken after %q: %v", format, text, err)
		}
	}
	if _, err := importing.Run(t.Context(), service(h), strings.NewReader("ti\"tle,body\n"), options(importing.CSV), nil); errs.CodeOf(err) != "import.no_header" {
		t.Errorf("a header that cannot be read: %v", err)
	}
	away := service(h)
	away.Store = &absent{h.Store}
	report, err := importing.Run(t.Context(), away, strings.NewReader(strings.Repeat(line, 1000)), options(importing.JSONL), nil)
	if errs.KindOf(err) != errs.Unavailable || report.Stored != 0 || len(report.Refused) != 0 {
		t.Errorf("while the store is away: %+v, %v", report, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := importing.Run(ctx, service(h), strings.NewReader(line), options(importing.JSONL), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped by a person: %v", err)
	}
}

// absent is a store that takes nothing.
type absent struct{ store.Store }

func (absent) Receive(context.Context, store.Receipt) (store.Received, error) {
	return store.Received{}, errs.New(errs.Unavailable, "database.unavailable")
}

func TestProgressCountsTheBytesOfTheFile(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	text := strings.Repeat(`{"body": "`+body+`"}`+"\n", 3)
	var last int64
	_, err := importing.Run(t.Context(), service(h), strings.NewReader(text), options(importing.JSONL), func(n int64) {
		if n < last {
			t.Errorf("progress went back from %d to %d", last, n)
		}
		last = n
	})
	if err != nil || last != int64(len(text)) {
		t.Errorf("told %d of %d bytes, %v", last, len(text), err)
	}
}

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]importing.Format{"a.csv": importing.CSV, "A.CSV": importing.CSV, "a.jsonl": importing.JSONL, "csv": importing.JSONL} {
		if got := importing.FormatOf(name); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
}
