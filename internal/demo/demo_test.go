package demo_test

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/accounts"
	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/demo"
	"hienke/internal/dialogue"
	"hienke/internal/directory"
	"hienke/internal/intake"
	"hienke/internal/opinions"
	"hienke/internal/privacy"
	"hienke/internal/routing"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
	"hienke/internal/vitext"
)

const password = "mật khẩu trình diễn"

// stage is a seed with everything that it needs.
type stage struct {
	*house.House
	seed *demo.Seed
}

func newStage(t *testing.T) *stage {
	t.Helper()
	h := house.New(t)
	var rules []routing.Rule
	for _, r := range h.Rules {
		rules = append(rules, routing.Rule{
			ID: r.ID, Version: r.Version, When: r.When, Agency: string(r.Agency), ValidFrom: r.Valid.From, ValidTo: r.Valid.Until, Owner: r.Owner,
		})
	}
	set, err := routing.CompileRules(rules)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{House: h}
	now := h.Clock.Now
	tri := &triage.Service{
		Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Policy: routing.DefaultPolicy(), Now: now,
		Rules:      func(context.Context) (*routing.RuleSet, error) { return set, nil },
		Classifier: func(context.Context) (*routing.Model, error) { return nil, nil }, //nolint:nilnil // rules alone
	}
	s.seed = &demo.Seed{
		Intake:  &intake.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Limits: h.Limits, Now: now, Random: h.Random},
		Triage:  tri,
		Answers: &answers.Service{Store: h.Store, Registry: h.Registry, Now: now},
		Accounts: &accounts.Service{
			Store: h.Store, Registry: h.Registry, Keys: h.Keys, Limits: h.Limits, Now: now, Random: h.Random, Hashing: accounts.NewHashing(2),
		},
		Opinions:  &opinions.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Now: now},
		Dialogue:  &dialogue.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Now: now},
		Privacy:   &privacy.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Limits: h.Limits, Now: now, NewRef: rand.Text},
		Directory: &directory.Service{Store: h.Store, Registry: h.Registry, Now: func() time.Time { return house.Morning }},
		SetNow:    h.Clock.Set, Now: house.Morning, Password: password,
		Settle: func(ctx context.Context) error { return s.settle(ctx, t, tri) },
	}
	return s
}

// settle does all matching and routing that waits.
func (s *stage) settle(ctx context.Context, t *testing.T, tri *triage.Service) error {
	for {
		matches, routes := s.Jobs(t, store.JobMatch), s.Jobs(t, store.JobRoute) //nolint:contextcheck // the test's own look
		if len(matches)+len(routes) == 0 {
			return nil
		}
		for _, j := range matches {
			if err := tri.Match(ctx, j.ID, civic.SubmissionID(j.Subject)); err != nil {
				return err
			}
		}
		for _, j := range routes {
			if err := tri.Route(ctx, j.ID, civic.SubmissionID(j.Subject)); err != nil {
				return err
			}
		}
	}
}

// picture is everything that a run may change.
type picture struct {
	Users    []civic.User
	Cases    []civic.Submission
	Events   [][]civic.Event
	Messages int
}

func (s *stage) picture(t *testing.T) (p picture) {
	t.Helper()
	s.View(t, func(tx store.Tx) (err error) {
		if p.Users, err = tx.Users().List(t.Context()); err != nil {
			return err
		}
		if p.Cases, err = tx.Submissions().After(t.Context(), 0, 1000); err != nil {
			return err
		}
		for _, sub := range p.Cases {
			events, err := tx.Events().List(t.Context(), sub.ID)
			if err != nil {
				return err
			}
			p.Events = append(p.Events, events)
		}
		return nil
	})
	p.Messages = len(s.Jobs(t, store.JobSend))
	return p
}

func (s *stage) run(t *testing.T) {
	t.Helper()
	if err := s.seed.Run(t.Context()); err != nil {
		t.Fatalf("seed: %v", err)
	}
}

// One seed takes a second or two, so these look at the same one, in this order.
func TestTheDemo(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.run(t)
	for _, tt := range []struct {
		name string
		run  func(*testing.T, *stage)
	}{
		{"every case reaches its stage", testEveryCaseReachesItsStage},
		{"every staff page has something to see", testEveryStaffPageHasSomethingToSee},
		{"the staff can sign in", testTheStaffCanSignIn},
		{"a second run changes nothing", testASecondRunChangesNothing},
		{"what people did since is left alone", testWhatPeopleDidSinceIsLeftAlone},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, s) })
	}
}

func testEveryCaseReachesItsStage(t *testing.T, s *stage) {
	t.Helper()
	cases, err := demo.Cases()
	if err != nil {
		t.Fatal(err)
	}
	stored := s.picture(t).Cases
	if len(stored) != len(cases) {
		t.Fatalf("%d cases are stored, %d are written", len(stored), len(cases))
	}
	for i, c := range cases { // both in the order in which they were sent
		sub := stored[i]
		if sub.Body != vitext.Normalize(strings.TrimSpace(c.Body)) {
			t.Errorf("%s is not stored in its place", c.ID)
			continue
		}
		agency := c.Agency
		if agency == "" {
			agency = house.Science
		}
		want := map[string][]civic.State{
			"sent":     {civic.Triage, civic.Assigned, civic.Merged},
			"assigned": {civic.Assigned}, "accepted": {civic.InProgress}, "review": {civic.InReview},
			"answered": {civic.Answered}, "published": {civic.Answered}, "rejected": {civic.Rejected},
		}[c.Steps]
		switch c.Also {
		case "paused":
			want = []civic.State{civic.AwaitingCitizen}
		case "handed_back":
			want, agency = []civic.State{civic.Triage}, sub.Agency
		}
		if !slices.Contains(want, sub.State) {
			t.Errorf("%s is %s, want it %s", c.ID, sub.State, c.Steps)
		}
		if c.Steps != "sent" && c.Steps != "rejected" && sub.Agency != agency {
			t.Errorf("%s is with %q, want %q", c.ID, sub.Agency, agency)
		}
		if sub.Visibility.Public() != (c.Steps == "published") {
			t.Errorf("%s is %s", c.ID, sub.Visibility)
		}
		if sub.ReceivedAt.After(house.Morning) || sub.UpdatedAt.After(house.Morning) || sub.AnsweredAt.After(house.Morning) {
			t.Errorf("%s lies in the future", c.ID)
		}
	}
	for i, events := range s.picture(t).Events {
		if !slices.IsSortedFunc(events, func(a, b civic.Event) int { return a.At.Compare(b.At) }) {
			t.Errorf("the history of case %d goes back in time", i+1)
		}
	}
	if !s.Clock.Now().Equal(house.Morning) {
		t.Errorf("the clock was left at %s", s.Clock.Now())
	}
}

func testASecondRunChangesNothing(t *testing.T, s *stage) {
	t.Helper()
	first := s.picture(t)
	s.seed.Now = house.Morning.Add(30 * time.Hour) // started again a day later
	s.run(t)
	if diff := cmp.Diff(first, s.picture(t)); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}

func TestARunThatWasCutOffIsTakenUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ctx, cancel := context.WithCancel(t.Context())
	settle, n := s.seed.Settle, 0
	s.seed.Settle = func(ctx context.Context) error {
		if n++; n == 10 {
			cancel()
		}
		return settle(ctx)
	}
	if err := s.seed.Run(ctx); err == nil {
		t.Fatal("the run was not cut off")
	}
	s.run(t)
	testEveryCaseReachesItsStage(t, s)
	testEveryStaffPageHasSomethingToSee(t, s)
}

func testWhatPeopleDidSinceIsLeftAlone(t *testing.T, s *stage) {
	t.Helper()
	p := s.picture(t)
	officer := p.Users[slices.IndexFunc(p.Users, func(u civic.User) bool { return u.Email == demo.Officer })]
	i := slices.IndexFunc(p.Cases, func(sub civic.Submission) bool { return sub.State == civic.InProgress && sub.Agency == house.Science })
	sub := p.Cases[i]
	if err := s.seed.Triage.HandBack(t.Context(), civic.StaffOf(officer), sub.Code, sub.Version, "Không thuộc thẩm quyền.", ""); err != nil {
		t.Fatal(err)
	}
	s.seed.Now = house.Morning.Add(time.Hour)
	s.run(t)
	if got := s.Case(t, sub.Code); got.State != civic.Triage {
		t.Errorf("the next start made it %s again", got.State)
	}
}

func TestTheCasesAreWrittenForTheRegistry(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	cases, err := demo.Cases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 24 {
		t.Errorf("only %d cases: a few dozen are promised", len(cases))
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.ID] || c.ID == "" {
			t.Errorf("%q is there twice, or has no id", c.ID)
		}
		seen[c.ID] = true
		at := house.Morning.AddDate(0, 0, -c.Days)
		d := civic.Draft{
			Kind: c.Kind, Title: c.Title, Body: strings.TrimSpace(c.Body), Topic: c.Topic, Area: c.Area, Language: c.Language, Channel: civic.ChannelWeb,
			Submitter: civic.Person, Contact: civic.Contact{Name: c.Name, Email: c.Email, Organisation: c.Organisation}, AcceptTerms: true,
		}
		if err := d.Check(h.Registry, at); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
		if c.Agency != "" && !h.Registry.CanReceive(c.Agency, at) {
			t.Errorf("%s goes to %q", c.ID, c.Agency)
		}
		if c.Email != "" && !strings.HasSuffix(c.Email, ".test") && !strings.HasSuffix(c.Email, "@example.vn") && !strings.Contains(c.Email, "example.") {
			t.Errorf("%s could reach a real mailbox: %s", c.ID, c.Email)
		}
		known := slices.ContainsFunc(h.Registry.Rejections, func(r civic.RejectionReason) bool { return r.Code == c.Reason })
		if c.Steps == "rejected" && (!known || c.Message == "") || c.Steps != "rejected" && c.Reason != "" {
			t.Errorf("%s is refused for %q", c.ID, c.Reason)
		}
		needsAnswer := slices.Contains([]string{"review", "answered", "published"}, c.Steps)
		if needsAnswer && (!c.Outcome.Valid() || len([]rune(c.Answer)) < civic.MinAnswer || c.Agency != "") {
			t.Errorf("%s cannot be answered by the demo staff", c.ID)
		}
	}
	for _, u := range demo.Staff() {
		if u.Agency != "" && !h.Registry.CanReceive(u.Agency, house.Morning) {
			t.Errorf("%s works at %q", u.Email, u.Agency)
		}
	}
}

func testTheStaffCanSignIn(t *testing.T, s *stage) {
	t.Helper()
	for email, role := range map[string]civic.Role{
		demo.Coordinator: civic.RoleCoordinator, demo.Officer: civic.RoleOfficer, demo.Approver: civic.RoleApprover, demo.Administrator: civic.RoleAdministrator,
	} {
		in, err := s.seed.Accounts.SignIn(t.Context(), email, password, "192.0.2.1")
		if err != nil || in.User.Role != role {
			t.Errorf("%s: %+v, %v", email, in.User, err)
		}
	}
}

func testEveryStaffPageHasSomethingToSee(t *testing.T, s *stage) {
	t.Helper()
	s.View(t, func(tx store.Tx) error {
		ctx := t.Context()
		asked, err := tx.Opinions().Waiting(ctx, nil, 10)
		if err != nil {
			return err
		}
		if len(asked) != 1 || !asked[0].Late(house.Morning) {
			t.Errorf("%d opinions are asked for, want one that is late", len(asked))
		}
		given, err := tx.Opinions().Settled(ctx, house.Morning.AddDate(0, 0, -30), 10)
		if err != nil {
			return err
		}
		promises, err := tx.Commitments().Open(ctx, nil, 10)
		if err != nil {
			return err
		}
		requests, err := tx.PrivacyRequests().List(ctx, store.PrivacyQuery{Limit: 10})
		if err != nil {
			return err
		}
		changes, err := tx.Directory().History(ctx, civic.AgencyEntry, "", 10)
		if err != nil {
			return err
		}
		merged := slices.IndexFunc(changes, func(c civic.EntryChange) bool { return c.Act == civic.EntryMerged })
		if len(given) != 1 || len(promises) != 1 || len(requests) != 1 || merged < 0 {
			t.Fatalf("%d opinions, %d promises, %d requests about personal data, %d changes of the registry", len(given), len(promises), len(requests), len(changes))
		}
		moved, err := tx.Directory().Effects(ctx, changes[merged].ID)
		if len(moved) != 1 {
			t.Errorf("the merger took %d along", len(moved))
		}
		planned := 0
		for _, sub := range s.picture(t).Cases {
			if a, err := tx.Answers().Approved(ctx, sub.ID); err == nil && a.PublishAt.After(house.Morning) {
				planned++
			}
		}
		if planned != 1 {
			t.Errorf("%d publications are planned", planned)
		}
		return err
	})
}
