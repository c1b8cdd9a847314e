package finding_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/finding"
	"hienke/internal/matching"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// nowhere is a search engine that takes everything and keeps nothing.
type nowhere struct {
	search.Index
	fails error
}

func (n *nowhere) Apply(context.Context, []search.Change) error { return n.fails }

// counter is the shelf as visitors come to it, on both databases.
type counter struct {
	*house.House
	s      *finding.Service
	engine *nowhere
}

// atCounter runs a test on both databases.
func atCounter(t *testing.T, run func(t *testing.T, c *counter)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) {
		engine := &nowhere{}
		run(t, &counter{h, &finding.Service{Store: h.Store, Public: engine, Staff: engine, Now: h.Clock.Now, Holder: "one"}, engine})
	})
}

func (c *counter) drain(t *testing.T) {
	t.Helper()
	if more, err := c.s.Drain(t.Context(), store.IndexPublic); err != nil || more {
		t.Fatalf("drain: %v, more %v", err, more)
	}
}

// ask offers what a visitor who types this is offered.
func (c *counter) ask(t *testing.T, title, body string) []triage.PublicMatch {
	t.Helper()
	found, err := (&triage.Service{Store: c.Store}).Similar(t.Context(), title, body)
	if err != nil {
		t.Fatalf("similar: %v", err)
	}
	return found
}

// wantOffered checks which cases are offered, best first.
func (c *counter) wantOffered(t *testing.T, title, body string, want ...civic.Submission) {
	t.Helper()
	var got, codes []civic.Code
	for _, m := range c.ask(t, title, body) {
		got = append(got, m.Case.Code)
	}
	for _, sub := range want {
		codes = append(codes, sub.Code)
	}
	if !slices.Equal(got, codes) {
		t.Errorf("for %q it offers %v, want %v", title, got, codes)
	}
}

// Two texts of the same matter, as the sender wrote and as the public reads it.
const (
	secretTitle = "Trạm sạc ở ngõ Vắng Tanh"
	secretBody  = "Bà Lò Thị Bí Mật ở ngõ Vắng Tanh mắc bệnh hiểm nghèo và xin một trạm sạc xe lăn điện cạnh nhà."
	openTitle   = "Trạm sạc xe lăn điện trong khu dân cư"
	openBody    = "Một người dân đề nghị đặt trạm sạc xe lăn điện cạnh nhà cho người bệnh đi lại."
)

// receive stores a case with the secret text, published in the open one if its
// visibility says so.
func (c *counter) receive(t *testing.T, v civic.Visibility, edit func(*civic.Submission)) civic.Submission {
	t.Helper()
	return c.Receive(t, func(sub *civic.Submission) {
		sub.State, sub.Agency, sub.Visibility = civic.InProgress, house.Science, v
		sub.Title, sub.Body, sub.PublicTitle, sub.PublicBody = secretTitle, secretBody, openTitle, openBody
		if edit != nil {
			edit(sub)
		}
	})
}

func TestAVisitorIsOfferedPublicCasesOnly(t *testing.T) {
	t.Parallel()
	atCounter(t, func(t *testing.T, c *counter) {
		var public []civic.Submission
		for _, v := range []civic.Visibility{civic.Private, civic.PublicOpen, civic.TakenDown, civic.PublicWithAnswer} {
			sub := c.receive(t, v, func(sub *civic.Submission) { sub.PublicBody += " Bản " + string(v) })
			if v.Public() {
				public = append(public, sub)
			}
		}
		c.wantOffered(t, openTitle, openBody)
		c.drain(t)
		found := c.ask(t, openTitle, openBody)
		if len(found) != len(public) {
			t.Errorf("it offers %d cases, want %d", len(found), len(public))
		}
		for _, m := range found {
			if !slices.ContainsFunc(public, func(sub civic.Submission) bool { return sub.Code == m.Case.Code }) {
				t.Errorf("it offers %s, which is %s", m.Case.Code, m.Case.Visibility)
			}
			if m.Case.Title != "" || m.Case.Body != "" || m.Case.PublicTitle != openTitle || m.Score <= 0 || len(m.Terms) == 0 {
				t.Errorf("it shows %+v", m)
			}
		}
	})
}

// TestWhatIsNotPublicCannotBeGuessed types the secret words themselves.
func TestWhatIsNotPublicCannotBeGuessed(t *testing.T) {
	t.Parallel()
	atCounter(t, func(t *testing.T, c *counter) {
		var redacted, down civic.Submission
		for i := range 30 {
			c.receive(t, civic.Private, func(sub *civic.Submission) { sub.Body += fmt.Sprint(" Lần ", i) })
		}
		redacted = c.receive(t, civic.PublicOpen, nil)
		down = c.receive(t, civic.PublicOpen, func(sub *civic.Submission) {
			sub.PublicTitle, sub.PublicBody = "Cầu phao qua sông Hậu Giang gãy", "Cây cầu phao bắc qua sông bị gãy hai nhịp."
		})
		c.drain(t)
		c.wantOffered(t, "Lò Thị Bí Mật ở ngõ Vắng Tanh", "mắc bệnh hiểm nghèo")
		c.wantOffered(t, "Cầu phao qua sông Hậu Giang gãy", "", down)
		for _, m := range c.ask(t, secretTitle, secretBody) {
			if m.Case.Code != redacted.Code {
				t.Errorf("the secret text finds %s", m.Case.Code)
			}
			for _, term := range m.Terms {
				for _, secret := range []string{"lò", "mật", "ngõ", "vắng", "tanh", "hiểm", "nghèo", "bà"} {
					if slices.Contains(strings.Fields(strings.ToLower(term)), secret) {
						t.Errorf("%q of the original is confirmed: %q", secret, m.Terms)
					}
				}
			}
		}
		// How common a word is among private cases decides nothing.
		c.View(t, func(tx store.Tx) error {
			freq, err := tx.Shelf().Frequencies(t.Context(), matching.Analyze(matching.Document{Title: "Vắng Tanh hiểm nghèo"}).Terms())
			for term, n := range freq {
				if term != matching.EveryDocument && n > 0 {
					t.Errorf("the shelf counts a private word %d times", n)
				}
			}
			return err
		})
		// From this moment on, whatever the shelf has heard.
		c.Change(t, down.Code, func(sub *civic.Submission) { sub.Visibility = civic.TakenDown })
		c.Change(t, redacted.Code, func(sub *civic.Submission) { sub.PublicTitle, sub.PublicBody = "[đã lược]", "[đã lược]" })
		for range 2 {
			c.wantOffered(t, "Cầu phao qua sông Hậu Giang gãy", "Cây cầu phao bắc qua sông bị gãy hai nhịp.")
			c.wantOffered(t, openTitle, openBody)
			c.drain(t)
		}
	})
}

func TestTheShelfFollowsEveryChangeOfThePublicVersion(t *testing.T) {
	t.Parallel()
	atCounter(t, func(t *testing.T, c *counter) {
		sub := c.receive(t, civic.Private, nil)
		bridge := func(sub *civic.Submission) {
			sub.PublicTitle, sub.PublicBody = "Cầu phao qua sông gãy", "Cây cầu phao bắc qua sông bị gãy hai nhịp."
		}
		steps := []struct {
			name           string
			edit           func(*civic.Submission)
			charge, bridge bool // found by these words
		}{
			{"private", func(*civic.Submission) {}, false, false},
			{"published", func(sub *civic.Submission) { sub.Visibility = civic.PublicOpen }, true, false},
			{"changed", bridge, false, true},
			{"taken down", func(sub *civic.Submission) { sub.Visibility = civic.TakenDown }, false, false},
			{"published again", func(sub *civic.Submission) { sub.Visibility = civic.PublicWithAnswer }, false, true},
		}
		for _, step := range steps {
			c.Change(t, sub.Code, step.edit)
			c.drain(t)
			if got := len(c.ask(t, openTitle, openBody)) == 1; got != step.charge {
				t.Errorf("%s: found by the first words: %v", step.name, got)
			}
			if got := len(c.ask(t, "Cầu phao qua sông gãy", "")) == 1; got != step.bridge {
				t.Errorf("%s: found by the later words: %v", step.name, got)
			}
		}
		c.Change(t, sub.Code, func(sub *civic.Submission) { sub.Visibility = civic.TakenDown })
		c.drain(t)
		c.View(t, func(tx store.Tx) error { // nothing stays behind
			freq, err := tx.Shelf().Frequencies(t.Context(), matching.Analyze(matching.Document{Title: openTitle, Body: openBody}).Terms())
			if len(freq) != 0 {
				t.Errorf("counts stay: %v", freq)
			}
			return err
		})
	})
}

func TestOfCopiesTheRootIsOffered(t *testing.T) {
	t.Parallel()
	atCounter(t, func(t *testing.T, c *counter) {
		root, follower := c.receive(t, civic.PublicOpen, nil), c.receive(t, civic.PublicOpen, nil)
		c.drain(t)
		if found := c.ask(t, openTitle, openBody); len(found) != 1 {
			t.Errorf("of two with the same public words it offers %d", len(found))
		}
		c.Follow(t, follower.Code, root.Code)
		for range 2 {
			c.wantOffered(t, openTitle, openBody, root)
			c.drain(t)
		}
		c.View(t, func(tx store.Tx) error {
			prints, err := tx.Shelf().Fingerprints(t.Context(), []civic.SubmissionID{root.ID, follower.ID})
			if _, there := prints[follower.ID]; there || len(prints) != 1 {
				t.Errorf("on the shelf stand %v", prints)
			}
			return err
		})
	})
}

func TestTheShelfDoesNotWaitForTheEngine(t *testing.T) {
	t.Parallel()
	atCounter(t, func(t *testing.T, c *counter) {
		sub := c.receive(t, civic.PublicOpen, nil)
		c.engine.fails = errAway
		for range 2 {
			if _, err := c.s.Drain(t.Context(), store.IndexPublic); err == nil {
				t.Error("the engine's failure is not told")
			}
			c.wantOffered(t, openTitle, openBody, sub)
		}
		c.engine.fails = nil
		c.drain(t)
		c.wantOffered(t, openTitle, openBody, sub)
	})
}

func TestHalfTypedTextsAreAnsweredWithNothing(t *testing.T) {
	t.Parallel()
	atCounter(t, func(t *testing.T, c *counter) {
		c.receive(t, civic.PublicOpen, nil)
		c.drain(t)
		for _, title := range []string{"", "T", "Trạm", "Trạm sạc", "???", "🙂 🙂 🙂 🙂"} {
			c.wantOffered(t, title, "")
		}
	})
}

func TestARebuildWritesTheShelfAnew(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	sub := f.publish(t, "Trạm sạc một")
	f.drain(t, store.IndexPublic)
	// The shelf has other terms of one than it should, and one that is not public.
	hidden := f.publish(t, "Trạm sạc hai")
	f.Change(t, hidden.Code, func(sub *civic.Submission) { sub.Visibility = civic.Private })
	f.drain(t, store.IndexPublic)
	f.Do(t, func(tx store.Tx) error {
		prints, err := tx.Shelf().Fingerprints(t.Context(), []civic.SubmissionID{sub.ID})
		if err != nil {
			return err
		}
		terms := []matching.Term{{Hash: 5, Weight: 1, Counted: true}}
		return tx.Shelf().Put(t.Context(), []store.Shelved{
			{Submission: sub.ID, Fingerprint: prints[sub.ID], Terms: terms}, {Submission: hidden.ID, Fingerprint: 1, Terms: terms},
		})
	})
	if _, err := f.s.Rebuild(t.Context(), store.IndexPublic, nil); err != nil {
		t.Fatal(err)
	}
	f.View(t, func(tx store.Tx) error {
		if prints, err := tx.Shelf().Fingerprints(t.Context(), []civic.SubmissionID{sub.ID, hidden.ID}); err != nil || len(prints) != 1 {
			t.Errorf("on the shelf stand %v, %v", prints, err)
		}
		freq, err := tx.Shelf().Frequencies(t.Context(), []int64{5, matching.EveryDocument})
		if freq[5] != 0 || freq[matching.EveryDocument] != 1 {
			t.Errorf("the shelf counts %v", freq)
		}
		return err
	})
}
