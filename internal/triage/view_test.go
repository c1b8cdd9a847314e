package triage_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/finding"
	"hienke/internal/search"
	"hienke/internal/search/blevesearch"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// withWords gives the desk a real index of what staff may read and returns
// what brings it up to date.
func (d *desk) withWords(t *testing.T) (index func()) {
	t.Helper()
	staff, err := blevesearch.Open(d.Folder, search.Staff, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := staff.Close(); err != nil {
			t.Error(err)
		}
	})
	d.s.Staff = staff
	f := &finding.Service{Store: d.Store, Staff: staff, Now: d.Clock.Now, Holder: "test"}
	return func() {
		t.Helper()
		if more, err := f.Drain(t.Context(), store.IndexStaff); err != nil || more {
			t.Fatalf("index: %v %v", more, err)
		}
	}
}

// queue lists the codes that a person sees, in order.
func (d *desk) queue(t *testing.T, actor civic.Actor, r triage.QueueRequest) []civic.Code {
	t.Helper()
	r.PerPage = 100
	page, err := d.s.Queue(t.Context(), actor, r)
	if err != nil {
		t.Fatalf("queue %+v: %v", r, err)
	}
	var codes []civic.Code
	for _, item := range page.Items {
		codes = append(codes, item.Code)
	}
	if page.Total != len(codes) {
		t.Errorf("a total of %d for %d lines", page.Total, len(codes))
	}
	return codes
}

func TestNoFilterShowsAnOfficerAForeignCase(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		index := d.withWords(t)
		officer, lost := d.Staff(t, civic.RoleOfficer, house.Science), d.Staff(t, civic.RoleOfficer, "")
		above := d.Staff(t, civic.RoleApprover, house.Government)
		mine := d.assigned(t, house.Science)
		foreign := d.assigned(t, house.Education)
		foreignDone := d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Rejected, house.Education })
		unrouted := d.Receive(t, func(sub *civic.Submission) { sub.State = civic.Triage })
		index()
		requests := map[string]triage.QueueRequest{
			"nothing":          {},
			"every state":      {States: civic.States},
			"the agency":       {Agencies: []civic.AgencyCode{house.Education}},
			"both agencies":    {Agencies: []civic.AgencyCode{house.Education, house.Science}},
			"the topic":        {Topics: []civic.TopicCode{"du-lieu"}},
			"words":            {Text: "quan trac nuoc"},
			"its code":         {Text: foreign.Code.String()},
			"another's code":   {Text: string(unrouted.Code)},
			"a settled code":   {Text: string(foreignDone.Code), States: civic.States},
			"on track":         {Due: civic.OnTrack},
			"own work":         {Mine: true},
			"newest first":     {Sort: store.SortNewest},
			"words and agency": {Text: "quan trắc", Agencies: []civic.AgencyCode{house.Education}},
		}
		for name, r := range requests {
			for _, code := range d.queue(t, officer, r) {
				if code != mine.Code {
					t.Errorf("asking for %s shows a foreign case", name)
				}
			}
			if got := d.queue(t, lost, r); len(got) != 0 {
				t.Errorf("asking for %s shows %v to an officer of nowhere", name, got)
			}
			for _, code := range d.queue(t, above, r) {
				if code == unrouted.Code {
					t.Errorf("asking for %s shows what is not routed yet", name)
				}
			}
		}
		if got := d.queue(t, officer, triage.QueueRequest{Text: "quan trac nuoc"}); !slices.Equal(got, []civic.Code{mine.Code}) {
			t.Errorf("the own case is not found by its words: %v", got)
		}
		if got := d.queue(t, officer, triage.QueueRequest{Text: mine.Code.String()}); !slices.Equal(got, []civic.Code{mine.Code}) {
			t.Errorf("the own case is not found by its code: %v", got)
		}
		if got := d.queue(t, d.coordinator, triage.QueueRequest{Text: "quan trac nuoc"}); len(got) != 4 {
			t.Errorf("a coordinator finds %d of 4", len(got))
		}
		for _, sub := range []civic.Submission{foreign, foreignDone, unrouted} {
			if _, err := d.s.Case(t.Context(), officer, sub.Code); errs.KindOf(err) != errs.NotFound || errs.CodeOf(err) != "submission.not_found" {
				t.Errorf("opening it: %v", err)
			}
		}
	})
}

func TestWhoSeesAQueue(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	for kind, actor := range map[errs.Kind]civic.Actor{errs.Unauthenticated: civic.Public, errs.Forbidden: civic.SenderOf(1)} {
		if _, err := d.s.Queue(t.Context(), actor, triage.QueueRequest{}); errs.KindOf(err) != kind {
			t.Errorf("%s: %v", actor.Kind, err)
		}
	}
}

func TestTheQueueIsFilteredAndOrdered(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	at := func(daysLeft int, state civic.State, edit func(*civic.Submission)) civic.Code {
		d.Clock.Advance(time.Minute)
		return d.Receive(t, func(sub *civic.Submission) {
			sub.State, sub.Agency, sub.DueAt = state, house.Science, house.Morning.AddDate(0, 0, daysLeft)
			if edit != nil {
				edit(sub)
			}
		}).Code
	}
	late := at(-2, civic.Assigned, nil)
	soon := at(2, civic.InProgress, nil)
	far := at(20, civic.Triage, func(sub *civic.Submission) { sub.Agency, sub.Topic = "", "ban-dan" })
	settledLate := at(-5, civic.Rejected, nil)
	d.Change(t, soon, func(sub *civic.Submission) { sub.Assignee = officer.User })
	tests := []struct {
		name string
		who  civic.Actor
		r    triage.QueueRequest
		want []civic.Code
	}{
		{"every open case, the most urgent first", d.coordinator, triage.QueueRequest{}, []civic.Code{late, soon, far}},
		{"newest first", d.coordinator, triage.QueueRequest{Sort: store.SortNewest}, []civic.Code{far, soon, late}},
		{"oldest first", d.coordinator, triage.QueueRequest{Sort: store.SortOldest}, []civic.Code{late, soon, far}},
		{"the overdue", d.coordinator, triage.QueueRequest{Due: civic.Overdue}, []civic.Code{late}},
		{"what is due soon", d.coordinator, triage.QueueRequest{Due: civic.DueSoon}, []civic.Code{soon}},
		{"what has time", d.coordinator, triage.QueueRequest{Due: civic.OnTrack}, []civic.Code{far}},
		{"one state", d.coordinator, triage.QueueRequest{States: []civic.State{civic.Triage, civic.Rejected}}, []civic.Code{settledLate, far}},
		{"one topic", d.coordinator, triage.QueueRequest{Topics: []civic.TopicCode{"ban-dan"}}, []civic.Code{far}},
		{"one agency", d.coordinator, triage.QueueRequest{Agencies: []civic.AgencyCode{house.Science}}, []civic.Code{late, soon}},
		{"own work", officer, triage.QueueRequest{Mine: true}, []civic.Code{soon}},
		{"a settled case by its code", d.coordinator, triage.QueueRequest{Text: settledLate.String()}, []civic.Code{settledLate}},
		{"no settled case among the overdue", d.coordinator, triage.QueueRequest{Text: settledLate.String(), Due: civic.Overdue}, nil},
		{"nothing by a code that nobody has", d.coordinator, triage.QueueRequest{Text: "HK-2222-2222-2222"}, nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, d.queue(t, tt.who, tt.r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	page, err := d.s.Queue(t.Context(), d.coordinator, triage.QueueRequest{Page: 2, PerPage: 2})
	if err != nil || page.Total != 3 || len(page.Items) != 1 || page.Items[0].Code != far {
		t.Errorf("the second page is %+v, %v", page, err)
	}
}

func TestSimilarForeignCasesShowNoMoreThanThePublicReads(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	mine, colleague := d.assigned(t, house.Science), d.assigned(t, house.Science)
	private, public := d.assigned(t, house.Education), d.Receive(t, func(sub *civic.Submission) {
		sub.State, sub.Agency, sub.Title, sub.Body = civic.Assigned, house.Education, "Tiêu đề gốc có tên Lò Thị Bí Mật", "Nội dung gốc của Lò Thị Bí Mật, dài hơn hai mươi chữ."
		sub.Visibility, sub.PublicTitle, sub.PublicBody = civic.PublicOpen, "Tiêu đề công khai", "Nội dung công khai về xe buýt."
		sub.PublishedAt = house.Morning
	})
	d.Do(t, func(tx store.Tx) error {
		return tx.Matches().PutSimilar(t.Context(), mine.ID, []civic.Similar{
			{Submission: mine.ID, Other: private.ID, Rank: 1, Score: 0.9, Terms: []string{"bí mật"}},
			{Submission: mine.ID, Other: public.ID, Rank: 2, Score: 0.8, Terms: []string{"Bí Mật", "xe buýt"}},
			{Submission: mine.ID, Other: colleague.ID, Rank: 3, Score: 0.7, Terms: []string{"nước"}},
		})
	})
	c, err := d.s.Case(t.Context(), officer, mine.Code)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Similar) != 2 || c.Similar[0].Case.ID != public.ID || c.Similar[1].Case.ID != colleague.ID {
		t.Fatalf("shown are %+v", c.Similar)
	}
	foreign, own := c.Similar[0], c.Similar[1]
	if foreign.Visible || foreign.Case.Title != "Tiêu đề công khai" || foreign.Case.Body != "Nội dung công khai về xe buýt." || !slices.Equal(foreign.Terms, []string{"xe buýt"}) {
		t.Errorf("the foreign case shows %+v", foreign)
	}
	if !own.Visible || own.Case.Title != colleague.Title || len(own.Terms) != 1 {
		t.Errorf("the own case shows %+v", own)
	}
	if c, err = d.s.Case(t.Context(), d.coordinator, mine.Code); err != nil || len(c.Similar) != 3 || c.Similar[1].Case.Title != public.Title {
		t.Errorf("a coordinator sees %d, %v", len(c.Similar), err)
	}
}

func TestARootThatWentToAnotherAgencyShowsNoText(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	root, follower := d.assigned(t, house.Education), d.assigned(t, house.Science)
	d.Follow(t, follower.Code, root.Code)
	c, err := d.s.Case(t.Context(), officer, follower.Code)
	if err != nil || c.Root == nil || c.Membership == nil {
		t.Fatalf("root %+v, %v", c.Root, err)
	}
	if c.Root.Title != "" || c.Root.Body != "" || c.Root.State != civic.Assigned {
		t.Errorf("the officer reads a foreign case: %+v", c.Root)
	}
	if c, err = d.s.Case(t.Context(), d.coordinator, follower.Code); err != nil || c.Root.Body != root.Body {
		t.Errorf("a coordinator reads %+v, %v", c.Root, err)
	}
}

func TestDueStateOf(t *testing.T) {
	t.Parallel()
	due := house.Morning
	tests := []struct {
		name     string
		state    civic.State
		now      time.Duration // after the deadline
		answered time.Duration // after the deadline, 0 for no answer
		want     civic.DueState
	}{
		{"long before", civic.Assigned, -4 * 24 * time.Hour, 0, civic.OnTrack},
		{"three days before", civic.Assigned, -3*24*time.Hour + time.Second, 0, civic.DueSoon},
		{"at the last second", civic.Assigned, 0, 0, civic.DueSoon},
		{"a second later", civic.Assigned, time.Second, 0, civic.Overdue},
		{"refused", civic.Rejected, time.Hour, 0, civic.NotDue},
		{"answered in time", civic.Answered, time.Hour, -time.Second, civic.AnsweredOn},
		{"answered late", civic.Answered, time.Hour, time.Second, civic.AnsweredLate},
	}
	for _, tt := range tests {
		sub := civic.Submission{State: tt.state, DueAt: due}
		if tt.answered != 0 {
			sub.AnsweredAt = due.Add(tt.answered)
		}
		if got := triage.DueStateOf(sub, due.Add(tt.now)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
