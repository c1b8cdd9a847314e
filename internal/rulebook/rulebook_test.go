package rulebook_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/rulebook"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// book is a rulebook in a house, with people of each role that matters here.
type book struct {
	*house.House
	s                           *rulebook.Service
	coordinator, admin, officer civic.Actor
	log                         bytes.Buffer
}

func newBook(t *testing.T, h *house.House) *book {
	t.Helper()
	b := &book{
		House: h, coordinator: h.Staff(t, civic.RoleCoordinator, ""), admin: h.Staff(t, civic.RoleAdministrator, ""),
		officer: h.Staff(t, civic.RoleOfficer, house.Science),
	}
	b.s = b.beside()
	return b
}

// beside is another process on the same store.
func (b *book) beside() *rulebook.Service {
	return &rulebook.Service{Store: b.Store, Registry: b.Registry, Now: b.Clock.Now, Log: slog.New(slog.NewTextHandler(&b.log, nil))}
}

// on runs a test in a book on SQLite and in one on PostgreSQL.
func on(t *testing.T, run func(t *testing.T, b *book)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) { run(t, newBook(t, h)) })
}

// Three rules as a file has them.
func file() []routing.Rule {
	rule := func(id, phrase string, agency civic.AgencyCode) routing.Rule {
		return routing.Rule{ID: id, Version: 1, Name: "Quy tắc " + id, When: `any("` + phrase + `")`, Agency: string(agency), Owner: "coordinators", Note: "ghi chú"}
	}
	return []routing.Rule{rule("patents", "sáng chế", house.Science), rule("schools", "học bạ", house.Education), rule("records", "bệnh án", health)}
}

// health is a third agency.
const health civic.AgencyCode = "bo-y-te"

func (b *book) takeUp(t *testing.T, rules []routing.Rule) {
	t.Helper()
	if err := b.s.TakeUp(t.Context(), rules); err != nil {
		t.Fatal(err)
	}
}

func (b *book) list(t *testing.T) []rulebook.Entry {
	t.Helper()
	entries, err := b.s.List(t.Context(), b.coordinator)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// shape tells the order and the live and waiting versions: "patents 1/2".
func (b *book) shape(t *testing.T) (out []string) {
	t.Helper()
	n := func(v *rulebook.Version) int {
		if v == nil {
			return 0
		}
		return v.Version
	}
	for i, e := range b.list(t) {
		if e.Position != i+1 {
			t.Errorf("%s stands at %d, want %d", e.ID, e.Position, i+1)
		}
		out = append(out, fmt.Sprintf("%s %d/%d", e.ID, n(e.Live), n(e.Draft)))
	}
	return out
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// draft is a change of a rule or a new one.
func draft(id string, base int, condition string, agency civic.AgencyCode) rulebook.Draft {
	return rulebook.Draft{ID: id, Base: base, Name: "Đơn sáng chế", Condition: condition, Agency: agency, Owner: "Phòng Tổng hợp", Note: "thử"}
}

func (b *book) save(t *testing.T, d rulebook.Draft) store.RuleVersion {
	t.Helper()
	v, err := b.s.Save(t.Context(), b.coordinator, d)
	if err != nil {
		t.Fatalf("save: %v", err)
	}
	return v
}

// live saves a draft and lets it go live.
func (b *book) live(t *testing.T, d rulebook.Draft) store.RuleVersion {
	t.Helper()
	v := b.save(t, d)
	if _, err := b.s.DryRunVersion(t.Context(), b.coordinator, v.ID, v.Version, time.Time{}); err != nil {
		t.Fatalf("dry run: %v", err)
	}
	if err := b.s.GoLive(t.Context(), b.coordinator, v.ID, v.Version); err != nil {
		t.Fatalf("go live: %v", err)
	}
	return v
}

// decides returns the rule and agency that a service decides for a text.
func decides(t *testing.T, s *rulebook.Service, text string) string {
	t.Helper()
	set, err := s.Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := routing.Router{Rules: set}.Decide(routing.Input{Title: text}, house.Morning, func(string) bool { return true })
	if !d.Assigned {
		return ""
	}
	return fmt.Sprintf("%s@%d → %s", d.RuleID, d.RuleVersion, d.Agency)
}

func TestTheFileIsWhereItStartsFrom(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, b *book) {
		if got := decides(t, b.s, "Nộp đơn sáng chế"); got != "" {
			t.Errorf("an empty book decides %q", got)
		}
		b.takeUp(t, file())
		same(t, b.shape(t), []string{"patents 1/0", "schools 1/0", "records 1/0"})
		same(t, decides(t, b.s, "Nộp đơn SANG CHE"), "patents@1 → "+string(house.Science))
		first := b.list(t)[0].Live
		if first.Owner != "coordinators" || first.Note != "ghi chú" || first.WrittenBy != 0 || !first.LiveAt.Equal(house.Morning) {
			t.Errorf("it is stored as %+v", first)
		}

		// The next release has a new rule in the middle and another text of one.
		next := file()
		next[1].Version, next[1].When = 2, `any("học bạ số")`
		next = append(next[:2], routing.Rule{ID: "exams", Version: 1, Name: "Thi", When: `any("đề thi")`, Agency: string(house.Education), Owner: "o"}, next[2])
		b.takeUp(t, next)
		b.takeUp(t, next)
		if b.log.Len() > 0 {
			t.Errorf("the log says %s", &b.log)
		}
		edited := append([]routing.Rule(nil), next...)
		edited[0].When = `any("bằng sáng chế")`
		b.takeUp(t, edited)
		if !strings.Contains(b.log.String(), "rule=patents") {
			t.Error("nobody is told of a rule that changed without a higher version")
		}
		same(t, b.shape(t), []string{"patents 1/0", "schools 2/0", "exams 1/0", "records 1/0"})
	})
}

func TestWhatPeopleChangedWinsOverTheFile(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	b.takeUp(t, file())
	b.live(t, draft("patents", 1, `any("đơn sáng chế")`, house.Science))
	if err := b.s.Retire(t.Context(), b.coordinator, "records", 1); err != nil {
		t.Fatal(err)
	}
	b.takeUp(t, file())
	same(t, b.shape(t), []string{"patents 2/0", "schools 1/0", "records 0/0"})
	same(t, decides(t, b.s, "Hỏi về sáng chế"), "")

	raised := file()
	raised[0].Version = 2 // no higher than theirs
	b.takeUp(t, raised)
	same(t, decides(t, b.s, "Hỏi về sáng chế"), "")
	b.save(t, draft("patents", 2, `any("sáng chế mật")`, house.Science))
	raised[0].Version = 4
	b.takeUp(t, raised)
	same(t, b.shape(t)[0], "patents 4/0") // the draft of an older text is put away, too
}

func TestARuleGoesFromDraftToLiveToRetired(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, b *book) {
		b.takeUp(t, file())
		other := b.beside()
		decides(t, other, "") // it has compiled rules already
		v := b.save(t, draft("patents", 1, `any("đơn sáng chế")`, house.Education))
		if v.Version != 2 || v.State != store.RuleDraft || v.WrittenBy != b.coordinator.User {
			t.Errorf("the draft: %+v", v)
		}
		same(t, b.shape(t)[0], "patents 1/2")
		same(t, decides(t, b.s, "Đơn sáng chế"), "patents@1 → "+string(house.Science))
		if err := b.s.GoLive(t.Context(), b.coordinator, "patents", 2); errs.CodeOf(err) != "rule.no_dry_run" {
			t.Errorf("without a dry run: %v", err)
		}
		if _, err := b.s.DryRunVersion(t.Context(), b.coordinator, "patents", 2, time.Time{}); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(time.Hour)
		if err := b.s.GoLive(t.Context(), b.admin, "patents", 2); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*rulebook.Service{b.s, other} {
			same(t, decides(t, s, "Đơn sáng chế"), "patents@2 → "+string(house.Education))
		}
		if err := b.s.GoLive(t.Context(), b.coordinator, "patents", 2); errs.CodeOf(err) != "rule.not_a_draft" {
			t.Errorf("twice: %v", err)
		}
		if err := b.s.Retire(t.Context(), b.coordinator, "patents", 2); err != nil {
			t.Fatal(err)
		}
		same(t, decides(t, other, "Đơn sáng chế"), "")
		if err := b.s.Retire(t.Context(), b.coordinator, "patents", 2); errs.CodeOf(err) != "rule.retired" {
			t.Errorf("retired twice: %v", err)
		}
		history, err := b.s.History(t.Context(), b.coordinator, "patents")
		if err != nil || len(history) != 2 {
			t.Fatalf("history: %d, %v", len(history), err)
		}
		last := history[0]
		if last.LiveBy != b.admin.User || last.RetiredBy != b.coordinator.User || last.Writer != b.coordinator.Name || last.Impact == nil || last.Stale {
			t.Errorf("its story: %+v", last)
		}
		if history[1].Condition != file()[0].When || history[1].State != store.RuleRetired {
			t.Errorf("the first version: %+v", history[1])
		}
	})
}

func TestASecondDraftPutsTheFirstAway(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	b.takeUp(t, file())
	b.save(t, draft("patents", 1, `any("một")`, house.Science))
	if _, err := b.s.Save(t.Context(), b.coordinator, draft("patents", 1, `any("hai")`, house.Science)); errs.CodeOf(err) != "rule.version_mismatch" {
		t.Errorf("over somebody else's draft: %v", err)
	}
	b.save(t, draft("patents", 2, `any("hai")`, house.Science))
	same(t, b.shape(t)[0], "patents 1/3")
	if got := b.list(t)[0].Latest(); got.Version != 3 {
		t.Errorf("the latest is %d", got.Version)
	}
}

func TestANewRuleGetsAnIDFromItsName(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	for i, want := range []string{"don-sang-che", "don-sang-che-2"} {
		if v := b.save(t, draft("", 0, []string{`has("x y")`, `has("x z")`}[i], house.Science)); v.ID != want || v.Version != 1 {
			t.Errorf("id %q version %d, want %q", v.ID, v.Version, want)
		}
	}
	d := draft("", 0, `has("x y")`, house.Science)
	if d.Name = "New"; b.save(t, d).ID != "rule" {
		t.Error("the address of the form was given to a rule")
	}
}

func TestADraftThatIsSentTwiceIsStoredOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, b *book) {
		first := b.save(t, draft("", 0, `has("x y")`, house.Science))
		if again := b.save(t, draft("", 0, `has("x y")`, house.Science)); again.ID != first.ID || again.Version != 1 {
			t.Errorf("a new rule sent again is %s version %d", again.ID, again.Version)
		}
		b.save(t, draft(first.ID, 1, `has("x z")`, house.Science))
		if again := b.save(t, draft(first.ID, 1, `has("x z")`, house.Science)); again.Version != 2 {
			t.Errorf("a second draft sent again is version %d", again.Version)
		}
		if _, err := b.s.Save(t.Context(), b.coordinator, draft(first.ID, 1, `has("x v")`, house.Science)); errs.CodeOf(err) != "rule.version_mismatch" {
			t.Errorf("another text upon an old version: %v", err)
		}
	})
}

func TestTheHistoryNamesWhoActed(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	v := b.save(t, draft("", 0, `has("x y")`, house.Science))
	if _, err := b.s.DryRunVersion(t.Context(), b.coordinator, v.ID, 1, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, act := range []func(context.Context, civic.Actor, string, int) error{b.s.GoLive, b.s.Retire} {
		if err := act(t.Context(), b.coordinator, v.ID, 1); err != nil {
			t.Fatal(err)
		}
	}
	history, err := b.s.History(t.Context(), b.coordinator, v.ID)
	if err != nil || history[0].LiveName == "" || history[0].LiveName != history[0].RetiredName || history[0].LiveName != history[0].Writer {
		t.Errorf("%+v, %v", history, err)
	}
}

func TestCheckStoresNothing(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	d := draft("", 0, `has("x y")`, house.Science)
	if err := b.s.Check(t.Context(), b.coordinator, d); err != nil {
		t.Error(err)
	}
	if d.Condition = "has("; errs.KindOf(b.s.Check(t.Context(), b.coordinator, d)) != errs.Invalid {
		t.Error("a broken condition passed")
	}
	if errs.KindOf(b.s.Check(t.Context(), civic.Public, d)) != errs.Unauthenticated {
		t.Error("it is open to the public")
	}
	if n := len(b.list(t)); n != 0 {
		t.Errorf("%d rules were stored", n)
	}
}

func TestMove(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, b *book) {
		b.takeUp(t, append(file(), routing.Rule{ID: "all", Version: 1, Name: "a", When: `any("sáng chế", "học bạ")`, Agency: string(health), Owner: "o"}))
		same(t, decides(t, b.s, "Học bạ"), "schools@1 → "+string(house.Education))
		for _, step := range []struct {
			id    string
			place int
			want  []string
		}{
			{"all", 2, []string{"patents 1/0", "all 1/0", "schools 1/0", "records 1/0"}},
			{"patents", 99, []string{"all 1/0", "schools 1/0", "records 1/0", "patents 1/0"}},
			{"records", 0, []string{"records 1/0", "all 1/0", "schools 1/0", "patents 1/0"}},
		} {
			if err := b.s.Move(t.Context(), b.coordinator, step.id, step.place); err != nil {
				t.Fatal(err)
			}
			same(t, b.shape(t), step.want)
		}
		same(t, decides(t, b.s, "Học bạ"), "all@1 → "+string(health))
		if err := b.s.Move(t.Context(), b.coordinator, "none", 1); errs.CodeOf(err) != "rule.not_found" {
			t.Errorf("a rule that is not there: %v", err)
		}
	})
}

func TestWhatIsCheckedWhenARuleIsSaved(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	b.Registry.Agencies = append(b.Registry.Agencies, civic.Agency{
		Code: "bo-cu", Receives: true, Valid: civic.Period{Until: house.Morning}, Successors: []civic.AgencyCode{health},
	})
	b.takeUp(t, file())
	tests := []struct {
		name string
		edit func(*rulebook.Draft)
		want string // field=code
	}{
		{"an id that is taken", func(d *rulebook.Draft) { d.ID = "patents" }, "id=rule.id_taken"},
		{"an id in another form", func(d *rulebook.Draft) { d.ID = "Sáng chế" }, "id=rule.id_form"},
		{"no name", func(d *rulebook.Draft) { d.Name = " " }, "name=field.required"},
		{"no owner", func(d *rulebook.Draft) { d.Owner = "" }, "owner=field.required"},
		{"an unknown agency", func(d *rulebook.Draft) { d.Agency = "bo-nao" }, "agency=field.unknown_value"},
		{"an agency that receives nothing", func(d *rulebook.Draft) { d.Agency = house.Government }, "agency=field.unknown_value"},
		{"an agency that ended", func(d *rulebook.Draft) { d.Agency = "bo-cu" }, "agency=rule.agency_ended"},
		{"an end before the beginning", func(d *rulebook.Draft) { d.ValidFrom, d.ValidTo = house.Morning, house.Morning }, "valid_to=rule.ends_before_it_begins"},
		{"no condition", func(d *rulebook.Draft) { d.Condition = " " }, "condition=field.required"},
		{"a condition that is no expression", func(d *rulebook.Draft) { d.Condition = `any(` }, "condition=rule.condition_wrong"},
		{"a condition about nothing known", func(d *rulebook.Draft) { d.Condition = `Colour == "red"` }, "condition=rule.condition_wrong"},
		{"a condition that loops", func(d *rulebook.Draft) { d.Condition = `all(Words, # == "a")` }, "condition=rule.condition_wrong"},
		{"an unknown topic", func(d *rulebook.Draft) { d.Condition = `has("a") and Topic == "du-lieuu"` }, "condition=rule.unknown_code"},
		{"an unknown topic in a list", func(d *rulebook.Draft) { d.Condition = `Topic in ["du-lieu", "x"]` }, "condition=rule.unknown_code"},
		{"an unknown area", func(d *rulebook.Draft) { d.Condition = `"99" != Area` }, "condition=rule.unknown_code"},
		{"an unknown kind", func(d *rulebook.Draft) { d.Condition = `Kind == "complaint"` }, "condition=rule.unknown_code"},
		{"an unknown sender type", func(d *rulebook.Draft) { d.Condition = `SubmitterType == "company"` }, "condition=rule.unknown_code"},
		{"what is right", func(d *rulebook.Draft) {
			d.Condition = `Topic in ["du-lieu", ""] and Area != "01" and Kind == "initiative" and SubmitterType == "person" and any("a b", "c")`
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := draft("", 0, `any("sáng chế")`, house.Science)
			tt.edit(&d)
			_, err := b.s.Save(t.Context(), b.coordinator, d)
			_, dry := b.s.DryRun(t.Context(), b.coordinator, d, time.Time{})
			for what, err := range map[string]error{"Save": err, "DryRun": dry} {
				var got []string
				for _, f := range errs.FieldsOf(err) {
					got = append(got, f.Name+"="+f.Code)
				}
				if tt.want == "id=rule.id_taken" && what == "DryRun" {
					continue // in place of the rule there
				}
				if strings.Join(got, " ") != tt.want {
					t.Errorf("%s: %v, want %s", what, err, tt.want)
				}
			}
		})
	}
	_, err := b.s.Save(t.Context(), b.coordinator, rulebook.Draft{ID: "x", Condition: "1"})
	if n := len(errs.FieldsOf(err)); n != 4 {
		t.Errorf("%d fields are named at once, want 4: %v", n, err)
	}
}

func TestOnlyThoseWhoMayTouchRules(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	b.takeUp(t, file())
	acts := map[string]func(who civic.Actor) error{
		"list":    func(who civic.Actor) error { _, err := b.s.List(t.Context(), who); return err },
		"history": func(who civic.Actor) error { _, err := b.s.History(t.Context(), who, "patents"); return err },
		"save": func(who civic.Actor) error {
			_, err := b.s.Save(t.Context(), who, draft("", 0, `has("a")`, house.Science))
			return err
		},
		"dry run": func(who civic.Actor) error {
			_, err := b.s.DryRun(t.Context(), who, draft("", 0, `has("a")`, house.Science), time.Time{})
			return err
		},
		"stored dry run": func(who civic.Actor) error {
			_, err := b.s.DryRunVersion(t.Context(), who, "patents", 1, time.Time{})
			return err
		},
		"go live": func(who civic.Actor) error { return b.s.GoLive(t.Context(), who, "patents", 1) },
		"retire":  func(who civic.Actor) error { return b.s.Retire(t.Context(), who, "patents", 1) },
		"move":    func(who civic.Actor) error { return b.s.Move(t.Context(), who, "patents", 1) },
	}
	for name, act := range acts {
		for who, want := range map[*civic.Actor]errs.Kind{&b.officer: errs.Forbidden, &civic.Public: errs.Unauthenticated} {
			if err := act(*who); errs.KindOf(err) != want {
				t.Errorf("%s by %s: %v, want %v", name, who.Kind, err, want)
			}
		}
		for _, who := range []civic.Actor{b.coordinator, b.admin} {
			if err := act(who); errs.KindOf(err) == errs.Forbidden {
				t.Errorf("%s by a %s: %v", name, who.Role, err)
			}
		}
	}
}
