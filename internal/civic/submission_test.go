package civic_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
)

var now = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

// registryWithEnded has one topic and one area in force and one of each that
// ended, and the tree of agencies root > ministry > department, beside it
// another root.
func registryWithEnded() *civic.Registry {
	ended := civic.Period{Until: now}
	return &civic.Registry{
		Agencies: []civic.Agency{
			{Code: "root"},
			{Code: "ministry", Parent: "root", Receives: true, Valid: civic.Period{From: now}},
			{Code: "department", Parent: "ministry", Receives: true},
			{Code: "former", Parent: "ministry", Receives: true, Valid: ended},
			{Code: "other", Receives: true},
		},
		Topics: []civic.Topic{{Code: "data"}, {Code: "telex", Valid: ended}},
		Areas:  []civic.Area{{Code: "01"}, {Code: "02", Valid: ended}},
	}
}

// draft returns a draft that keeps every rule.
func draft() civic.Draft {
	return civic.Draft{
		Kind: civic.Initiative, Title: "Dữ liệu mở", Body: "Đề nghị công bố dữ liệu giao thông.", Topic: "data", Area: "01", Language: "vi",
		Channel: civic.ChannelWeb, Submitter: civic.Person, Contact: civic.Contact{Name: "Nguyễn Thị Ánh", Email: "anh@example.vn"}, AcceptTerms: true,
	}
}

func TestDraftCheck(t *testing.T) {
	t.Parallel()
	letters := func(n int) string { return strings.Repeat("ệ", n) } // three bytes each
	tests := []struct {
		name   string
		change func(*civic.Draft)
		want   string // field=code, empty when nothing is wrong
	}{
		{"takes a good draft", func(*civic.Draft) {}, ""},
		{"needs a kind", func(d *civic.Draft) { d.Kind = "" }, "kind=field.required"},
		{"knows the kinds", func(d *civic.Draft) { d.Kind = "wish" }, "kind=field.unknown_value"},
		{"needs a title", func(d *civic.Draft) { d.Title = "" }, "title=field.required"},
		{"needs a title of 5 letters", func(d *civic.Draft) { d.Title = letters(4) }, "title=field.too_short"},
		{"takes a title of 5 letters", func(d *civic.Draft) { d.Title = letters(5) }, ""},
		{"takes a title of 200 letters, not bytes", func(d *civic.Draft) { d.Title = letters(200) }, ""},
		{"refuses a title of 201 letters", func(d *civic.Draft) { d.Title = letters(201) }, "title=field.too_long"},
		{"needs a body", func(d *civic.Draft) { d.Body = "" }, "body=field.required"},
		{"needs a body of 20 letters", func(d *civic.Draft) { d.Body = letters(19) }, "body=field.too_short"},
		{"takes a body of 20 letters", func(d *civic.Draft) { d.Body = letters(20) }, ""},
		{"takes a body of 50,000 letters, not bytes", func(d *civic.Draft) { d.Body = letters(50_000) }, ""},
		{"refuses a body of 50,001 letters", func(d *civic.Draft) { d.Body = letters(50_001) }, "body=field.too_long"},
		{"needs no topic and no area", func(d *civic.Draft) { d.Topic, d.Area = "", "" }, ""},
		{"knows the topics", func(d *civic.Draft) { d.Topic = "magic" }, "topic=field.unknown_value"},
		{"refuses a topic that ended", func(d *civic.Draft) { d.Topic = "telex" }, "topic=field.unknown_value"},
		{"knows the areas", func(d *civic.Draft) { d.Area = "99" }, "area=field.unknown_value"},
		{"refuses an area that ended", func(d *civic.Draft) { d.Area = "02" }, "area=field.unknown_value"},
		{"needs no language", func(d *civic.Draft) { d.Language = "" }, ""},
		{"takes any language tag", func(d *civic.Draft) { d.Language = "zh-Hant-TW" }, ""},
		{"refuses what is no language tag", func(d *civic.Draft) { d.Language = "tiếng Việt" }, "language=field.unknown_value"},
		{"refuses a language tag of one letter", func(d *civic.Draft) { d.Language = "v" }, "language=field.unknown_value"},
		{"needs a submitter type", func(d *civic.Draft) { d.Submitter = "" }, "submitter.type=field.required"},
		{"knows the submitter types", func(d *civic.Draft) { d.Submitter = "robot" }, "submitter.type=field.unknown_value"},
		{"needs a name", func(d *civic.Draft) { d.Contact.Name = "" }, "submitter.name=field.required"},
		{"takes a name of 200 letters, not bytes", func(d *civic.Draft) { d.Contact.Name = letters(200) }, ""},
		{"refuses a name of 201 letters", func(d *civic.Draft) { d.Contact.Name = letters(201) }, "submitter.name=field.too_long"},
		{"needs neither e-mail nor phone", func(d *civic.Draft) { d.Contact.Email, d.Contact.Phone = "", "" }, ""},
		{"refuses what is no e-mail", func(d *civic.Draft) { d.Contact.Email = "anh" }, "submitter.email=field.not_an_email"},
		{"refuses an e-mail that is too long", func(d *civic.Draft) { d.Contact.Email = strings.Repeat("a", 250) + "@b.vn" }, "submitter.email=field.too_long"},
		{"refuses what is no phone", func(d *civic.Draft) { d.Contact.Phone = "máy bàn" }, "submitter.phone=field.not_a_phone"},
		{"takes an address of 500 letters", func(d *civic.Draft) { d.Contact.Address = letters(500) }, ""},
		{"refuses an address of 501 letters", func(d *civic.Draft) { d.Contact.Address = letters(501) }, "submitter.address=field.too_long"},
		{"needs the organisation of an organisation", func(d *civic.Draft) { d.Submitter = civic.Organisation }, "submitter.organisation=field.required"},
		{"takes an organisation of 200 letters", func(d *civic.Draft) { d.Submitter, d.Contact.Organisation = civic.Organisation, letters(200) }, ""},
		{"refuses an organisation of 201 letters", func(d *civic.Draft) { d.Contact.Organisation = letters(201) }, "submitter.organisation=field.too_long"},
		{"needs the terms accepted", func(d *civic.Draft) { d.AcceptTerms = false }, "consent.terms=field.consent_required"},
		{"needs no consent to publish the name", func(d *civic.Draft) { d.PublishName = false }, ""},
		{"asks no sender of an import", func(d *civic.Draft) {
			*d = civic.Draft{Kind: d.Kind, Title: d.Title, Body: d.Body, Channel: civic.ChannelImport}
		}, ""},
		{"asks the text of an import all the same", func(d *civic.Draft) { d.Channel, d.Body = civic.ChannelImport, "" }, "body=field.required"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := draft()
			tt.change(&d)
			if got := wrongFields(t, d.Check(registryWithEnded(), now)); got != tt.want {
				t.Errorf("Check names %q, want %q", got, tt.want)
			}
		})
	}
}

// wrongFields writes the fields of an Invalid error as "name=code name=code".
func wrongFields(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	if errs.KindOf(err) != errs.Invalid {
		t.Errorf("the error is %v, want Invalid", err)
	}
	var out []string
	for _, f := range errs.FieldsOf(err) {
		out = append(out, f.Name+"="+f.Code)
	}
	return strings.Join(out, " ")
}

func TestDraftCheckNamesEveryFieldAtOnce(t *testing.T) {
	t.Parallel()
	d := civic.Draft{Topic: "magic", Area: "99", Language: "!", Channel: civic.ChannelAPI, Contact: civic.Contact{Email: "x", Phone: "y"}}
	want := "kind=field.required title=field.required body=field.required topic=field.unknown_value area=field.unknown_value " +
		"language=field.unknown_value submitter.type=field.required submitter.name=field.required submitter.email=field.not_an_email " +
		"submitter.phone=field.not_a_phone consent.terms=field.consent_required"
	if got := wrongFields(t, d.Check(registryWithEnded(), now)); got != want {
		t.Errorf("Check names\n%q, want\n%q", got, want)
	}
}

func TestALengthTellsLimitAndFinding(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text          string
		key, limit    string
		got, wantCode string
	}{
		{"đá", "min", "5", "2", "field.too_short"},
		{strings.Repeat("đ", 201), "max", "200", "201", "field.too_long"},
	}
	for _, tt := range tests {
		fields := errs.FieldsOf(civic.CheckLength("title", tt.text, civic.MinTitle, civic.MaxTitle))
		if len(fields) != 1 || fields[0].Code != tt.wantCode || fields[0].Params[tt.key] != tt.limit || fields[0].Params["got"] != tt.got {
			t.Errorf("CheckLength names %+v, want %s with %s=%s got=%s", fields, tt.wantCode, tt.key, tt.limit, tt.got)
		}
	}
	if err := civic.CheckLength("note", "", 0, 5); err != nil {
		t.Errorf("an empty text that need not be is refused: %v", err)
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"anh@example.vn", "a.b+c@mail.gov.vn", "ANH_1@sub.domain.co", "nguyen-van.a@x-y.vn"} {
		if err := civic.CheckEmail("email", good); err != nil {
			t.Errorf("%q is refused: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "anh", "@example.vn", "anh@", "anh@example", "anh @example.vn", " anh@example.vn", "Anh <anh@example.vn>", "<anh@example.vn>", "a@b.vn, c@d.vn",
		"anh@example.vn\r\nBcc: x@y.vn", "anh@@example.vn", "anh@example..vn", "anh@example.vn.", "a@.vn",
	} {
		if err := civic.CheckEmail("email", bad); errs.KindOf(err) != errs.Invalid || err == nil {
			t.Errorf("%q is taken: %v", bad, err)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"0912345678": true, "+84 912 345 678": true, "(024) 3943-5101": true, "0912.345.678": true, "113456": true,
		"12345": false, "+8491234567890123": false, "84+912345678": false, "0912345678 gọi tối": false, "０９１２３４５６７８": false, "+": false, "------": false,
		strings.Repeat(" ", 25) + "123456": false,
	}
	for phone, want := range tests {
		d := draft()
		d.Contact.Phone = phone
		if err := d.Check(registryWithEnded(), now); (err == nil) != want {
			t.Errorf("%q: %v, want it taken: %v", phone, err, want)
		}
	}
}

func TestVisibility(t *testing.T) {
	t.Parallel()
	for v, want := range map[civic.Visibility]bool{
		civic.Private: false, civic.PublicWithAnswer: true, civic.PublicOpen: true, civic.TakenDown: false, "": false,
	} {
		if v.Public() != want {
			t.Errorf("%q is public: %v, want %v", v, v.Public(), want)
		}
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, o := range civic.Outcomes {
		if !o.Valid() {
			t.Errorf("%s is not valid", o)
		}
	}
	if civic.Outcome("").Valid() || civic.Outcome("done").Valid() {
		t.Error("an unknown outcome is valid")
	}
}

func TestTextIsTitleAndBody(t *testing.T) {
	t.Parallel()
	s := civic.Submission{Title: "Tiêu đề", Body: "Nội dung"}
	if got := s.Text(); got != "Tiêu đề\nNội dung" {
		t.Errorf("Text = %q", got)
	}
}
