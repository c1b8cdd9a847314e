package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var teamworkTests = []test{
	{"a to-do is done once", testTodos},
	{"open to-dos of people are listed by day", testOpenTodos},
	{"the newest mention of each case is found since a time", testMentions},
	{"two cases are linked once, in either order", testCaseLinks},
	{"erasing a case empties what staff wrote beside it", testErasedTeamwork},
}

func todo(t *testing.T, s store.Store, sub civic.Submission, u civic.User, until civic.Date) civic.Todo {
	t.Helper()
	d := civic.Todo{Submission: sub.ID, Text: "Gọi cho xã", User: u.ID, Until: until, MadeBy: u.ID, MadeAt: noon, UserName: u.Name, MadeByName: u.Name}
	do(t, s, func(tx store.Tx) (err error) {
		d.ID, err = tx.Todos().Add(t.Context(), d)
		return err
	})
	return d
}

func testTodos(t *testing.T, s store.Store) {
	u, sub := user(t, s, "a@staff.test"), receive(t, s, nil)
	first, second := todo(t, s, sub, u, civic.Date{}), todo(t, s, sub, u, civic.DateOf(noon))
	do(t, s, func(tx store.Tx) error { return tx.Todos().Finish(t.Context(), first.ID, u.ID, noon) })
	refused(t, s, errs.Conflict, "todo.done", func(tx store.Tx) error { return tx.Todos().Finish(t.Context(), first.ID, u.ID, noon) })
	first.DoneBy, first.DoneAt, first.DoneByName = u.ID, noon, u.Name
	equal(t, view(t, s, func(tx store.Tx) ([]civic.Todo, error) { return tx.Todos().List(t.Context(), sub.ID) }), []civic.Todo{second, first})
	equal(t, view(t, s, func(tx store.Tx) (civic.Todo, error) { return tx.Todos().Get(t.Context(), first.ID) }), first)
	missing(t, s, errs.NotFound, "todo.not_found", func(tx store.Tx) (civic.Todo, error) { return tx.Todos().Get(t.Context(), second.ID+9) })
}

func testOpenTodos(t *testing.T, s store.Store) {
	u, v, w := user(t, s, "a@staff.test"), user(t, s, "b@staff.test"), user(t, s, "c@staff.test")
	sub := receive(t, s, nil)
	day := civic.DateOf(noon)
	later := day
	later.Day += 2
	none, late, soon := todo(t, s, sub, u, civic.Date{}), todo(t, s, sub, v, later), todo(t, s, sub, u, day)
	todo(t, s, sub, w, day)
	done := todo(t, s, sub, u, day)
	do(t, s, func(tx store.Tx) error { return tx.Todos().Finish(t.Context(), done.ID, u.ID, noon) })
	open := func(limit int, users ...civic.UserID) (ids []int64) {
		for _, o := range view(t, s, func(tx store.Tx) ([]store.TodoOfCase, error) { return tx.Todos().Open(t.Context(), users, limit) }) {
			ids = append(ids, o.ID)
			equal(t, o.Case.Code, sub.Code)
		}
		return ids
	}
	equal(t, open(10, u.ID, v.ID), []int64{soon.ID, late.ID, none.ID})
	equal(t, open(1, u.ID), []int64{soon.ID})
	equal(t, view(t, s, func(tx store.Tx) (int, error) { return tx.Todos().CountOpen(t.Context(), []civic.UserID{u.ID, v.ID}) }), 3)
}

func testMentions(t *testing.T, s store.Store) {
	u, v := user(t, s, "a@staff.test"), user(t, s, "b@staff.test")
	first, second := receive(t, s, nil), receive(t, s, nil)
	mention := func(sub civic.Submission, who civic.User, hours int) civic.Mention {
		m := civic.Mention{Submission: sub.ID, User: who.ID, By: v.ID, At: noon.Add(time.Duration(hours) * time.Hour)}
		do(t, s, func(tx store.Tx) error { return tx.Mentions().Add(t.Context(), m) })
		return m
	}
	mention(first, u, 0)
	older, newer := mention(second, u, 1), mention(first, u, 2)
	mention(first, v, 3)
	since := func(hours, limit int) (out []civic.Mention) {
		for _, m := range view(t, s, func(tx store.Tx) ([]store.MentionOfCase, error) {
			return tx.Mentions().Since(t.Context(), u.ID, noon.Add(time.Duration(hours)*time.Hour), limit)
		}) {
			out = append(out, m.Mention)
			equal(t, m.Case.ID, m.Submission)
		}
		return out
	}
	equal(t, since(0, 10), []civic.Mention{newer, older})
	equal(t, since(2, 10), []civic.Mention{newer})
	equal(t, since(0, 1), []civic.Mention{newer})
}

func testCaseLinks(t *testing.T, s store.Store) {
	u := user(t, s, "a@staff.test")
	a, b, c := receive(t, s, nil), receive(t, s, nil), receive(t, s, nil)
	link := civic.CaseLink{Submission: b.ID, Other: a.ID, Reason: "Cùng một cây cầu", By: u.ID, At: noon}
	later := civic.CaseLink{Submission: b.ID, Other: c.ID, By: u.ID, At: noon.Add(time.Hour)}
	for _, l := range []civic.CaseLink{later, link} {
		do(t, s, func(tx store.Tx) error { return tx.CaseLinks().Add(t.Context(), l) })
	}
	back := link
	back.Submission, back.Other = link.Other, link.Submission
	refused(t, s, errs.Conflict, "link.exists", func(tx store.Tx) error { return tx.CaseLinks().Add(t.Context(), back) })
	links := func(sub civic.Submission) []civic.CaseLink {
		return view(t, s, func(tx store.Tx) ([]civic.CaseLink, error) { return tx.CaseLinks().List(t.Context(), sub.ID) })
	}
	equal(t, links(b), []civic.CaseLink{link, later})
	equal(t, links(a), []civic.CaseLink{back})
	do(t, s, func(tx store.Tx) error { return tx.CaseLinks().Remove(t.Context(), a.ID, b.ID) })
	refused(t, s, errs.NotFound, "link.not_found", func(tx store.Tx) error { return tx.CaseLinks().Remove(t.Context(), b.ID, a.ID) })
	equal(t, links(b), []civic.CaseLink{later})
}

func testErasedTeamwork(t *testing.T, s store.Store) {
	u, sub, other := user(t, s, "a@staff.test"), receive(t, s, nil), receive(t, s, nil)
	d := todo(t, s, sub, u, civic.Date{})
	do(t, s, func(tx store.Tx) error {
		if err := tx.CaseLinks().Add(t.Context(), civic.CaseLink{Submission: other.ID, Other: sub.ID, Reason: "Cùng một cây cầu", By: u.ID, At: noon}); err != nil {
			return err
		}
		_, err := tx.Submissions().Erase(t.Context(), sub.ID)
		return err
	})
	d.Text = ""
	equal(t, view(t, s, func(tx store.Tx) ([]civic.Todo, error) { return tx.Todos().List(t.Context(), sub.ID) }), []civic.Todo{d})
	equal(t, view(t, s, func(tx store.Tx) ([]civic.CaseLink, error) { return tx.CaseLinks().List(t.Context(), other.ID) })[0].Reason, "")
}
