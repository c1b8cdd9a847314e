package drafts_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/drafts"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

func on(t *testing.T, run func(t *testing.T, h *house.House, s *drafts.Service)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) {
		run(t, h, &drafts.Service{Store: h.Store, Keys: h.Keys, Now: h.Clock.Now, NewToken: rand.Text})
	})
}

func begin(t *testing.T, s *drafts.Service, values map[string]string) drafts.Draft {
	t.Helper()
	d, err := s.Begin(t.Context(), values)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	return d
}

func get(t *testing.T, s *drafts.Service, token string) drafts.Draft {
	t.Helper()
	d, err := s.Get(t.Context(), token)
	if err != nil {
		t.Fatalf("get: %v", err)
	}
	return d
}

func fails(t *testing.T, err error, code string) {
	t.Helper()
	if errs.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestADraftKeepsEachPagesValues(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, h *house.House, s *drafts.Service) {
		d := begin(t, s, map[string]string{"kind": "feedback"})
		h.Clock.Advance(24 * time.Hour)
		for _, values := range []map[string]string{{"title": "Một", "topic": "x"}, {"title": "Hai"}, {"topic": ""}} {
			if _, err := s.Save(t.Context(), d.Token, values); err != nil {
				t.Fatalf("save: %v", err)
			}
		}
		got := get(t, s, d.Token)
		want := drafts.Draft{
			Token: d.Token, Values: map[string]string{"kind": "feedback", "title": "Hai"},
			BegunAt: d.BegunAt, ChangedAt: h.Clock.Now(), ExpiresAt: h.Clock.Now().Add(drafts.Lasts),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("draft (-want +got):\n%s", diff)
		}
	})
}

// Two tabs on different pages take nothing from each other.
func TestTabsThatSaveAtTheSameMomentLoseNothing(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, _ *house.House, s *drafts.Service) {
		d := begin(t, s, map[string]string{"kind": "feedback"})
		var both sync.WaitGroup
		for _, name := range []string{"title", "topic", "area"} {
			both.Go(func() {
				if _, err := s.Save(t.Context(), d.Token, map[string]string{name: name}); err != nil {
					t.Errorf("save %s: %v", name, err)
				}
			})
		}
		both.Wait()
		want := map[string]string{"kind": "feedback", "title": "title", "topic": "topic", "area": "area"}
		if diff := cmp.Diff(want, get(t, s, d.Token).Values); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
	})
}

func TestWhatWasSentIsDestroyed(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, h *house.House, s *drafts.Service) {
		d := begin(t, s, map[string]string{"title": "Bí mật"})
		for range 2 { // a second click
			if err := s.Finish(t.Context(), d.Token, civic.Code("2A4F7HKL9MQT")); err != nil {
				t.Fatalf("finish: %v", err)
			}
		}
		got := get(t, s, d.Token)
		if got.Sent != "2A4F7HKL9MQT" || len(got.Values) != 0 {
			t.Errorf("after sending the draft is %+v", got)
		}
		_, err := s.Save(t.Context(), d.Token, map[string]string{"title": "Khác"})
		fails(t, err, "draft.sent")
		h.View(t, func(tx store.Tx) error {
			row, err := tx.Drafts().Get(t.Context(), sha256.Sum256([]byte(d.Token)))
			if len(row.Sealed) != 0 {
				t.Error("the content is still in the database")
			}
			return err
		})
	})
}

func TestWhatIsDiscardedIsGoneForGood(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, h *house.House, s *drafts.Service) {
		d := begin(t, s, map[string]string{"title": "Một điều kín đáo"})
		before := get(t, s, d.Token)
		for range 2 { // a second click
			if err := s.Discard(t.Context(), d.Token); err != nil {
				t.Fatalf("discard: %v", err)
			}
		}
		_, err := s.Get(t.Context(), d.Token)
		fails(t, err, "draft.not_found")
		_, err = s.Save(t.Context(), d.Token, before.Values)
		fails(t, err, "draft.not_found")
		sent := begin(t, s, map[string]string{"title": "Đã gửi"})
		if err := s.Finish(t.Context(), sent.Token, "CODE"); err != nil {
			t.Fatal(err)
		}
		if err := s.Discard(t.Context(), sent.Token); err != nil {
			t.Fatal(err)
		}
		if got := get(t, s, sent.Token); got.Sent != "CODE" {
			t.Errorf("what was sent is %+v", got)
		}
	})
}

func TestADraftEnds(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, h *house.House, s *drafts.Service) {
		d := begin(t, s, map[string]string{"title": "Cũ"})
		h.Clock.Advance(drafts.Lasts)
		_, err := s.Get(t.Context(), d.Token)
		fails(t, err, "draft.not_found")
		_, err = s.Save(t.Context(), d.Token, nil)
		fails(t, err, "draft.not_found")
	})
}

func TestTheDatabaseAloneReadsNoDraft(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, h *house.House, s *drafts.Service) {
		const secret = "một câu chưa ai được đọc"
		d := begin(t, s, map[string]string{"body": secret})
		h.View(t, func(tx store.Tx) error {
			row, err := tx.Drafts().Get(t.Context(), sha256.Sum256([]byte(d.Token)))
			if bytes.Contains(row.Sealed, []byte(secret)) {
				t.Error("the text stands in the database")
			}
			if _, err := h.Keys.OpenDraft(strings.Repeat("A", drafts.TokenLength), row.Sealed); errs.CodeOf(err) != "draft.unreadable" {
				t.Errorf("another token opens it: %v", err)
			}
			return err
		})
	})
}

func TestADraftHasItsLimits(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, _ *house.House, s *drafts.Service) {
		_, err := s.Begin(t.Context(), map[string]string{"body": strings.Repeat("a", drafts.MaxSize)})
		fails(t, err, "draft.too_large")
		d := begin(t, s, map[string]string{"body": "a"})
		_, err = s.Save(t.Context(), d.Token, map[string]string{"body": strings.Repeat("a", drafts.MaxSize)})
		fails(t, err, "draft.too_large")
		if got := get(t, s, d.Token).Values["body"]; got != "a" {
			t.Errorf("the draft has %.20q, want what was there", got)
		}
		for _, token := range []string{"", "short", strings.Repeat("A", drafts.TokenLength)} {
			_, err := s.Get(t.Context(), token)
			fails(t, err, "draft.not_found")
		}
	})
}
