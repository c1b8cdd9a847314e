package directory_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/directory"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// files is a registry as delivered.
func files() *civic.Registry {
	both := func(s string) civic.Names { return civic.Names{civic.Vietnamese: s, civic.English: s} }
	return &civic.Registry{
		Agencies: []civic.Agency{
			{Code: "gov", Names: both("Chính phủ")}, {Code: "most", Parent: "gov", Names: both("Bộ Khoa học"), Receives: true},
			{Code: "moh", Parent: "gov", Names: both("Bộ Y tế"), Receives: true},
		},
		Topics: []civic.Topic{{Code: "health", Names: both("Sức khỏe"), Description: "Khám bệnh."}},
	}
}

var admin = civic.Actor{Kind: civic.ActorStaff, Role: civic.RoleAdministrator}

// process is a service with a registry of its own, as each process has.
func process(t *testing.T, h *house.House, reg *civic.Registry) *directory.Service {
	t.Helper()
	s := &directory.Service{Store: h.Store, Registry: reg, Now: h.Clock.Now}
	if err := s.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnotherProcessTakesAChangeUp(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		admin := h.Staff(t, civic.RoleAdministrator, "")
		one, two := process(t, h, files()), process(t, h, files())
		e := one.Entry(civic.AgencyEntry, "moh")
		e.Names = civic.Names{civic.Vietnamese: " Bộ  Y tế và Dân số ", civic.English: "Health"}
		must(t, one.Put(t.Context(), admin, e, false, "Nghị quyết"))
		if got, _ := one.Registry.Agency("moh"); got.Names[civic.English] != "Health" {
			t.Errorf("the process that wrote it has %q", got.Names)
		}
		if got, _ := two.Registry.Agency("moh"); got.Names[civic.English] == "Health" {
			t.Error("the other one knew before it looked")
		}
		must(t, two.Refresh(t.Context()))
		if got, _ := two.Registry.Agency("moh"); got.Names[civic.English] != "Health" || !got.Receives || got.Parent != "gov" {
			t.Errorf("the other one has %+v", got)
		}
		_, err := one.Merge(t.Context(), admin, directory.Merger{Code: "moh", Into: "most", Reason: "Sáp nhập"})
		must(t, err)
		must(t, two.Refresh(t.Context()))
		if to, ok := two.Registry.Successor("moh", "", h.Clock.Now()); !ok || to != "most" {
			t.Errorf("the successor is %q", to)
		}
		if jobs := h.Jobs(t, store.JobSucceed); len(jobs) != 1 || !jobs[0].NextAt.After(h.Clock.Now()) {
			t.Errorf("jobs %+v", jobs)
		}
		history, err := two.History(t.Context(), admin, civic.AgencyEntry, "moh")
		must(t, err)
		if len(history) != 2 || history[0].Act != civic.EntryMerged || history[1].Before.Names[civic.Vietnamese] != "Bộ Y tế" || history[1].Reason != "Nghị quyết" {
			t.Errorf("history %+v", history)
		}
		for _, v := range history {
			_, err := one.Undo(t.Context(), admin, v.ID, "Nhầm")
			must(t, err)
		}
		must(t, two.Refresh(t.Context()))
		if diff := cmp.Diff(files().Agencies, two.Registry.Lists().Agencies); diff != "" {
			t.Errorf("after all was taken back: -want +got:\n%s", diff)
		}
		if _, err := one.Undo(t.Context(), admin, history[0].ID, "Nhầm"); errs.CodeOf(err) != "registry.changed_since" {
			t.Errorf("a second time: %v", err)
		}
	})
}

func TestWhatIsWrongIsNotWritten(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s := process(t, h, files())
	right := civic.Entry{Kind: civic.AgencyEntry, Code: "ip", Parent: "most", Names: civic.Names{civic.Vietnamese: "Cục Sở hữu", civic.English: "IP Office"}, Receives: true}
	for name, tt := range map[string]struct {
		edit func(*civic.Entry)
		want string
	}{
		"a code of another form": {func(e *civic.Entry) { e.Code = "Cục" }, "code registry.code_form"},
		"a taken code":           {func(e *civic.Entry) { e.Code = "moh" }, "code registry.code_taken"},
		"no English name":        {func(e *civic.Entry) { e.Names = civic.Names{civic.Vietnamese: "Cục"} }, "name_en field.required"},
		"an unknown parent":      {func(e *civic.Entry) { e.Parent = "nobody" }, "parent field.unknown_value"},
		"a name of a sibling": {func(e *civic.Entry) {
			e.Parent, e.Names = "gov", civic.Names{civic.Vietnamese: "bo y te", civic.English: "x"}
		}, "name_vi registry.name_taken"},
		"no address of a mailbox": {func(e *civic.Entry) { e.Email = "nobody" }, "email registry.email_form"},
		"an unknown area":         {func(e *civic.Entry) { e.Area = "77" }, "area field.unknown_value"},
		"a name beyond all bounds": {func(e *civic.Entry) {
			e.Names = civic.Names{civic.Vietnamese: strings.Repeat("a", 201), civic.English: "x"}
		}, "name_vi field.too_long"},
	} {
		e := right
		tt.edit(&e)
		var got []string
		for _, f := range errs.FieldsOf(s.Put(t.Context(), admin, e, true, "Lý do")) {
			got = append(got, f.Name+" "+f.Code)
		}
		if len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	below := s.Entry(civic.AgencyEntry, "most")
	if err := s.End(t.Context(), admin, civic.AgencyEntry, "gov", "x"); errs.CodeOf(err) != "registry.has_units" {
		t.Errorf("with units below it: %v", err)
	}
	if err := s.Put(t.Context(), h.Staff(t, civic.RoleLead, "moh"), below, false, "x"); errs.KindOf(err) != errs.NotFound {
		t.Errorf("by a lead of another agency: %v", err)
	}
	below.Parent = "moh"
	if err := s.Put(t.Context(), h.Staff(t, civic.RoleLead, "moh"), below, false, "x"); errs.KindOf(err) != errs.NotFound {
		t.Errorf("taken over by a lead: %v", err)
	}
	for _, actor := range []civic.Actor{civic.Public, h.Staff(t, civic.RoleCoordinator, "")} {
		if err := s.Put(t.Context(), actor, right, true, "x"); errs.KindOf(err) != errs.Forbidden && errs.KindOf(err) != errs.Unauthenticated {
			t.Errorf("by %s: %v", actor.Role, err)
		}
	}
}

func TestConflictsWithTheFilesAreNamed(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	writer := h.Staff(t, civic.RoleAdministrator, "")
	s := process(t, h, files())
	e := s.Entry(civic.AgencyEntry, "moh")
	e.Email = "moh@example.vn"
	must(t, s.Put(t.Context(), writer, e, false, "Địa chỉ"))
	added := civic.Entry{Kind: civic.AgencyEntry, Code: "ip", Parent: "most", Names: civic.Names{civic.Vietnamese: "Cục Sở hữu", civic.English: "IP Office"}}
	must(t, s.Put(t.Context(), writer, added, true, "Mới"))
	if got, err := s.Conflicts(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("without any: %q, %v", got, err)
	}
	later := files()
	later.Agencies[2].Names = civic.Names{civic.Vietnamese: "Bộ Sức khỏe", civic.English: "Health"}
	later.Agencies[1].Valid.Until = h.Clock.Now().Add(-time.Hour)
	got, err := process(t, h, later).Conflicts(t.Context())
	must(t, err)
	want := []string{
		"agency moh was changed on its page, and the registry's file says otherwise since: name_vi, name_en",
		"agency ip does not pass the check over the registry's files: parent",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
