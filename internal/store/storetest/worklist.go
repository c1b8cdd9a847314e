package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var worklistTests = []test{
	{"a walk from place to place meets every case once, both ways", testQueueWalk},
	{"a place holds while cases come and go", testQueuePlaceHolds},
	{"a count stops where it is told to", testQueueCountTo},
	{"the filters of views and tags narrow", testWorklistFilters},
	{"views are the owner's and those shared in the agency", testViews},
	{"a view that changed meanwhile is not overwritten", testViewVersion},
	{"a tag belongs to one agency and is known again in any case", testTags},
	{"views and tags go to another agency, where a tag of the name takes the cases", testHanded},
	{"a claimed case goes to nobody else until the claim ends", testClaims},
	{"of many who claim at once nobody gets another's case", testClaimsTogether},
	{"failing jobs are listed and go again at once", testFailing},
}

// walk reads the queue from place to place and returns the ids in the order
// met.
func walk(t *testing.T, s store.Store, q store.QueueQuery) []civic.SubmissionID {
	t.Helper()
	ids := []civic.SubmissionID{}
	for page := range 20 {
		got := queue(t, s, q)
		if page > 0 && len(got.Items) == 0 {
			t.Fatal("More was promised, and nothing came")
		}
		some := queueIDs(got)
		if q.From != nil && q.From.Back {
			ids = append(some, ids...)
		} else {
			ids = append(ids, some...)
		}
		if !got.More {
			return ids
		}
		edge := got.Items[len(got.Items)-1]
		back := q.From != nil && q.From.Back
		if back {
			edge = got.Items[0]
		}
		place := store.PlaceOf(edge.Submission, q.Sort)
		place.Back = back
		q.From = &place
	}
	t.Fatal("the walk does not end")
	return nil
}

func testQueueWalk(t *testing.T, s store.Store) {
	for i := range 7 {
		put(t, s, func(s *civic.Submission) {
			s.DueAt = noon.Add(time.Duration(i/2) * time.Hour) // some have the same deadline
			if i >= 4 {
				s.DueAt = time.Time{} // and some have none
			}
		})
	}
	for _, sort := range []store.QueueSort{store.SortDue, store.SortNewest, store.SortOldest} {
		whole := queue(t, s, store.QueueQuery{Sort: sort})
		q := store.QueueQuery{Sort: sort, Page: 1, PerPage: 2}
		equal(t, walk(t, s, q), queueIDs(whole))
		last := store.PlaceOf(whole.Items[6].Submission, sort)
		last.Back = true
		q.From = &last
		equal(t, walk(t, s, q), queueIDs(whole)[:6])
	}
}

func testQueuePlaceHolds(t *testing.T, s store.Store) {
	due := func(hours time.Duration) civic.Submission {
		return put(t, s, func(s *civic.Submission) { s.DueAt = noon.Add(hours * time.Hour) })
	}
	a, b, c, d := due(1), due(2), due(4), due(5)
	first := queue(t, s, store.QueueQuery{Page: 1, PerPage: 2})
	equal(t, queueIDs(first), []civic.SubmissionID{a.ID, b.ID})
	place := store.PlaceOf(first.Items[1].Submission, store.SortDue)
	// Others settle the first page and bring in something earlier and something
	// later.
	change(t, s, a, func(s *civic.Submission) { s.State = civic.Answered })
	change(t, s, b, func(s *civic.Submission) { s.State = civic.Answered })
	due(1)
	e := due(3)
	equal(t, queueIDs(queue(t, s, store.QueueQuery{Page: 1, PerPage: 10, From: &place})), []civic.SubmissionID{e.ID, c.ID, d.ID})
}

func testQueueCountTo(t *testing.T, s store.Store) {
	receiveMany(t, s, 4)
	for to, want := range map[int]int{0: 4, 2: 3, 4: 4, 9: 4} {
		equal(t, queue(t, s, store.QueueQuery{CountTo: to}).Total, want)
		equal(t, view(t, s, func(tx store.Tx) (int, error) {
			return tx.Submissions().CountQueue(t.Context(), store.QueueQuery{CountTo: to})
		}), want)
	}
}

func testWorklistFilters(t *testing.T, s store.Store) {
	me, other := user(t, s, "me@example.vn"), user(t, s, "other@example.vn")
	mine := put(t, s, func(s *civic.Submission) { s.State, s.Assignee, s.Urgent = civic.InReview, me.ID, true })
	theirs := put(t, s, func(s *civic.Submission) { s.State, s.Assignee = civic.InReview, other.ID })
	free := put(t, s, func(s *civic.Submission) { s.State, s.Handovers = civic.Triage, 1 })
	var tag civic.Tag
	do(t, s, func(tx store.Tx) (err error) {
		for _, sub := range []civic.Submission{mine, theirs} {
			if _, err := tx.Answers().Put(t.Context(), civic.Answer{Submission: sub.ID, Text: "Trả lời", DraftedBy: sub.Assignee, DraftedAt: noon}); err != nil {
				return err
			}
		}
		if tag, err = tx.Tags().Ensure(t.Context(), civic.Tag{Agency: "most", Name: "Đất đai", MadeBy: me.ID, MadeAt: noon}); err != nil {
			return err
		}
		if _, err := tx.Tags().Put(t.Context(), theirs.ID, tag.ID, me.ID, noon); err != nil {
			return err
		}
		_, err = tx.Claims().Take(t.Context(), me.ID, noon, noon.Add(time.Hour), 1)
		return err
	})
	for name, tt := range map[string]struct {
		q    store.QueueQuery
		want []civic.SubmissionID
	}{
		"urgent":            {store.QueueQuery{Urgent: true}, []civic.SubmissionID{mine.ID}},
		"unassigned":        {store.QueueQuery{Unassigned: true}, []civic.SubmissionID{free.ID}},
		"handed on":         {store.QueueQuery{HandedOn: true}, []civic.SubmissionID{free.ID}},
		"not by me":         {store.QueueQuery{States: []civic.State{civic.InReview}, NotBy: me.ID}, []civic.SubmissionID{theirs.ID}},
		"tag":               {store.QueueQuery{Tags: []civic.TagID{tag.ID}}, []civic.SubmissionID{theirs.ID}},
		"claimed by me":     {store.QueueQuery{ClaimedBy: me.ID, ClaimedAt: noon}, []civic.SubmissionID{free.ID}},
		"claimed by other":  {store.QueueQuery{ClaimedBy: other.ID, ClaimedAt: noon}, []civic.SubmissionID{}},
		"a claim that ends": {store.QueueQuery{ClaimedBy: me.ID, ClaimedAt: noon.Add(time.Hour)}, []civic.SubmissionID{}},
	} {
		t.Run(name, func(t *testing.T) { equal(t, queueIDs(queue(t, s, tt.q)), tt.want) })
	}
}

func testViews(t *testing.T, s store.Store) {
	me, other := user(t, s, "me@example.vn"), user(t, s, "other@example.vn")
	add := func(owner civic.User, agency civic.AgencyCode, name string, shared bool) (v civic.SavedView) {
		v = civic.SavedView{Owner: owner.ID, Agency: agency, Name: name, Query: "due=overdue", Shared: shared, Version: 1, CreatedAt: noon, UpdatedAt: noon, OwnerName: owner.Name}
		do(t, s, func(tx store.Tx) (err error) { v.ID, err = tx.QueueViews().Add(t.Context(), v); return err })
		return v
	}
	b, a := add(me, "most", "b của tôi", false), add(other, "most", "A chung", true)
	add(other, "most", "riêng", false)
	add(other, "moh", "nơi khác", true)
	seen := func() []civic.SavedView {
		return view(t, s, func(tx store.Tx) ([]civic.SavedView, error) { return tx.QueueViews().List(t.Context(), me.ID, "most") })
	}
	equal(t, seen(), []civic.SavedView{a, b})
	do(t, s, func(tx store.Tx) error { return tx.QueueViews().Remove(t.Context(), b.ID) })
	do(t, s, func(tx store.Tx) error { return tx.QueueViews().Remove(t.Context(), b.ID) })
	equal(t, seen(), []civic.SavedView{a})
	missing(t, s, errs.NotFound, "view.not_found", func(tx store.Tx) (civic.SavedView, error) { return tx.QueueViews().Get(t.Context(), b.ID) })
}

func testViewVersion(t *testing.T, s store.Store) {
	me := user(t, s, "me@example.vn")
	v := civic.SavedView{Owner: me.ID, Name: "Quá hạn", Query: "due=overdue", CreatedAt: noon}
	do(t, s, func(tx store.Tx) (err error) { v.ID, err = tx.QueueViews().Add(t.Context(), v); return err })
	v.Version, v.Name, v.Shared, v.UpdatedAt = 2, "Quá hạn lâu", true, noon.Add(time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.QueueViews().Update(t.Context(), v) })
	v.OwnerName = me.Name
	equal(t, view(t, s, func(tx store.Tx) (civic.SavedView, error) { return tx.QueueViews().Get(t.Context(), v.ID) }), v)
	refused(t, s, errs.Conflict, "view.version_mismatch", func(tx store.Tx) error { return tx.QueueViews().Update(t.Context(), v) })
}

func testTags(t *testing.T, s store.Store) {
	me := user(t, s, "me@example.vn")
	ensure := func(agency civic.AgencyCode, name string) (g civic.Tag) {
		do(t, s, func(tx store.Tx) (err error) {
			g, err = tx.Tags().Ensure(t.Context(), civic.Tag{Agency: agency, Name: name, MadeBy: me.ID, MadeAt: noon})
			return err
		})
		return g
	}
	land, again, foreign := ensure("most", "Đất đai"), ensure("most", "ĐẤT ĐAI"), ensure("moh", "Đất đai")
	equal(t, again, land)
	if foreign.ID == land.ID {
		t.Error("two agencies share a tag")
	}
	road := ensure("most", "Cầu đường")
	sub, closed := receive(t, s, nil), put(t, s, func(s *civic.Submission) { s.State = civic.Answered })
	var fresh []bool
	do(t, s, func(tx store.Tx) error {
		for _, of := range []civic.Submission{sub, sub, closed} {
			ok, err := tx.Tags().Put(t.Context(), of.ID, land.ID, me.ID, noon)
			if err != nil {
				return err
			}
			fresh = append(fresh, ok)
		}
		_, err := tx.Tags().Put(t.Context(), sub.ID, foreign.ID, me.ID, noon)
		return err
	})
	equal(t, fresh, []bool{true, false, true})
	land.Cases = 1
	equal(t, view(t, s, func(tx store.Tx) ([]civic.Tag, error) { return tx.Tags().List(t.Context(), "most") }), []civic.Tag{road, land})
	land.Cases = 0
	of := func() map[civic.SubmissionID][]civic.Tag {
		return view(t, s, func(tx store.Tx) (map[civic.SubmissionID][]civic.Tag, error) {
			return tx.Tags().Of(t.Context(), "most", []civic.SubmissionID{sub.ID})
		})
	}
	equal(t, of(), map[civic.SubmissionID][]civic.Tag{sub.ID: {land}})
	for _, want := range []bool{true, false} {
		do(t, s, func(tx store.Tx) error {
			had, err := tx.Tags().Take(t.Context(), sub.ID, land.ID)
			equal(t, had, want)
			return err
		})
	}
	equal(t, of(), map[civic.SubmissionID][]civic.Tag{})
}

// claim takes cases for somebody at noon plus after, for an hour.
func claim(t *testing.T, s store.Store, u civic.User, after time.Duration, limit int) (ids []civic.SubmissionID) {
	t.Helper()
	do(t, s, func(tx store.Tx) (err error) {
		ids, err = tx.Claims().Take(t.Context(), u.ID, noon.Add(after), noon.Add(after+time.Hour), limit)
		return err
	})
	return ids
}

func testClaims(t *testing.T, s store.Store) {
	a, b := user(t, s, "a@example.vn"), user(t, s, "b@example.vn")
	waits := func(hours time.Duration) civic.SubmissionID {
		return put(t, s, func(s *civic.Submission) { s.State, s.DueAt = civic.Triage, noon.Add(hours*time.Hour) }).ID
	}
	third, first, second := waits(3), waits(1), waits(2)
	put(t, s, func(s *civic.Submission) { s.State, s.DueAt = civic.Assigned, noon })
	equal(t, claim(t, s, a, 0, 2), []civic.SubmissionID{first, second})
	equal(t, claim(t, s, b, 0, 2), []civic.SubmissionID{third})
	of := func(at time.Time) map[civic.SubmissionID]civic.Claim {
		return view(t, s, func(tx store.Tx) (map[civic.SubmissionID]civic.Claim, error) {
			return tx.Claims().Of(t.Context(), []civic.SubmissionID{first, third}, at)
		})
	}
	mine := civic.Claim{Submission: first, User: a.ID, UserName: a.Name, ClaimedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	theirs := civic.Claim{Submission: third, User: b.ID, UserName: b.Name, ClaimedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	equal(t, of(noon), map[civic.SubmissionID]civic.Claim{first: mine, third: theirs})
	equal(t, of(noon.Add(time.Hour)), map[civic.SubmissionID]civic.Claim{})
	release := func(u civic.User, want int, ids ...civic.SubmissionID) {
		t.Helper()
		do(t, s, func(tx store.Tx) error {
			n, err := tx.Claims().Release(t.Context(), u.ID, ids...)
			equal(t, n, want)
			return err
		})
	}
	release(b, 0, first) // nobody gives back what another holds
	release(a, 1, first)
	equal(t, claim(t, s, b, 0, 5), []civic.SubmissionID{first})
	release(a, 1)
	equal(t, claim(t, s, a, 2*time.Hour, 5), []civic.SubmissionID{first, second, third}) // every claim has ended by itself
}

func testClaimsTogether(t *testing.T, s store.Store) {
	const people, each = 4, 5
	var users []civic.User
	for i := range people {
		users = append(users, user(t, s, string(rune('a'+i))+"@example.vn"))
	}
	for range people * each {
		put(t, s, func(s *civic.Submission) { s.State = civic.Triage })
	}
	got := make([][]civic.SubmissionID, people)
	var wg sync.WaitGroup
	for i, u := range users {
		wg.Go(func() {
			if err := s.Do(t.Context(), func(tx store.Tx) (err error) {
				got[i], err = tx.Claims().Take(t.Context(), u.ID, noon, noon.Add(time.Hour), each)
				return err
			}); err != nil {
				t.Errorf("claim: %v", err)
			}
		})
	}
	wg.Wait()
	all := slices.Concat(got...)
	slices.Sort(all)
	if once := slices.Compact(slices.Clone(all)); len(once) != len(all) {
		t.Errorf("%d claims on %d cases", len(all), len(once))
	}
}

func testFailing(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	receive(t, s, nil)
	failing := func() []store.Job {
		return view(t, s, func(tx store.Tx) ([]store.Job, error) { return tx.Outbox().Failing(t.Context(), 10) })
	}
	equal(t, len(failing()), 0)
	jobs := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobMatch, noon, noon, 10)
	})
	job := jobs[slices.IndexFunc(jobs, func(j store.Job) bool { return j.Subject == int64(sub.ID) })]
	later := noon.Add(6 * time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.Outbox().Fail(t.Context(), job.ID, "mail.refused", later) })
	job.Attempts, job.Dispatch, job.LastError, job.NextAt = 1, 1, "mail.refused", later
	equal(t, failing(), []store.Job{job})
	retry := func(want bool) {
		t.Helper()
		do(t, s, func(tx store.Tx) error {
			ok, err := tx.Outbox().Retry(t.Context(), job.ID)
			equal(t, ok, want)
			return err
		})
	}
	retry(true)
	due := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobMatch, noon, noon, 10)
	})
	equal(t, len(due), 2)
	do(t, s, func(tx store.Tx) error { return tx.Outbox().Sent(t.Context(), []int64{job.ID}, noon) })
	retry(false)
	do(t, s, func(tx store.Tx) error { _, err := tx.Outbox().Finish(t.Context(), job.ID, noon); return err })
	retry(false)
	equal(t, len(failing()), 0)
}

func testHanded(t *testing.T, s store.Store) {
	me := user(t, s, "me@example.vn")
	one, two := receive(t, s, nil), receive(t, s, nil)
	var own, taken, theirs civic.Tag
	var mine, other int64
	do(t, s, func(tx store.Tx) (err error) {
		for _, tag := range []struct {
			into   *civic.Tag
			agency civic.AgencyCode
			name   string
			cases  []civic.Submission
		}{{&own, "a", "Khẩn", []civic.Submission{one}}, {&taken, "a", "Đất", []civic.Submission{one, two}}, {&theirs, "b", "đất", []civic.Submission{two}}} {
			if *tag.into, err = tx.Tags().Ensure(t.Context(), civic.Tag{Agency: tag.agency, Name: tag.name, MadeBy: me.ID, MadeAt: noon}); err != nil {
				return err
			}
			for _, sub := range tag.cases {
				if _, err := tx.Tags().Put(t.Context(), sub.ID, tag.into.ID, me.ID, noon); err != nil {
					return err
				}
			}
		}
		if mine, err = tx.QueueViews().Add(t.Context(), civic.SavedView{Owner: me.ID, Agency: "a", Name: "Riêng", CreatedAt: noon}); err != nil {
			return err
		}
		other, err = tx.QueueViews().Add(t.Context(), civic.SavedView{Owner: me.ID, Agency: "c", Name: "Khác", CreatedAt: noon})
		return err
	})
	views := view(t, s, func(tx store.Tx) ([]civic.SavedView, error) { return tx.QueueViews().OfAgency(t.Context(), "a") })
	if len(views) != 1 || views[0].ID != mine || mine == other {
		t.Errorf("views %+v", views)
	}
	do(t, s, func(tx store.Tx) error { return tx.QueueViews().Hand(t.Context(), mine, "b") })
	refused(t, s, errs.NotFound, "view.not_found", func(tx store.Tx) error { return tx.QueueViews().Hand(t.Context(), other+9, "b") })
	equal(t, len(view(t, s, func(tx store.Tx) ([]civic.SavedView, error) { return tx.QueueViews().OfAgency(t.Context(), "b") })), 1)
	for tag, want := range map[civic.TagID]bool{own.ID: false, taken.ID: true} {
		do(t, s, func(tx store.Tx) error {
			joined, err := tx.Tags().Hand(t.Context(), tag, "b")
			equal(t, joined, want)
			return err
		})
	}
	own.Agency = "b"
	equal(t, view(t, s, func(tx store.Tx) (map[civic.SubmissionID][]civic.Tag, error) {
		return tx.Tags().Of(t.Context(), "b", []civic.SubmissionID{one.ID, two.ID})
	}), map[civic.SubmissionID][]civic.Tag{one.ID: {own, theirs}, two.ID: {theirs}})
	equal(t, len(view(t, s, func(tx store.Tx) ([]civic.Tag, error) { return tx.Tags().List(t.Context(), "a") })), 0)
}
