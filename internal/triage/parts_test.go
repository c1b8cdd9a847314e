package triage_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// parts are n things that a submission asks for, the same words for each.
func parts(n int) []triage.Part {
	out := make([]triage.Part, n)
	for i := range out {
		out[i] = triage.Part{Title: "  Sửa trạm bơm  nước ", Body: " Trạm bơm nước ở cánh đồng phía đông hỏng đã ba tháng, mong sửa sớm. "}
	}
	return out
}

func TestSplitMakesACaseOfEachPart(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		whole := d.Receive(t, func(sub *civic.Submission) { sub.State, sub.PublishName = civic.Triage, true })
		d.Clock.Advance(48 * time.Hour)
		if err := d.s.Split(t.Context(), d.coordinator, whole.Code, 1, parts(2), "Nêu hai việc."); err != nil {
			t.Fatal(err)
		}
		c, err := d.s.Case(t.Context(), d.coordinator, whole.Code)
		if err != nil || len(c.Related) != 2 {
			t.Fatalf("related: %+v, %v", c.Related, err)
		}
		if c.Submission.Body != whole.Body || c.Submission.State != civic.Triage || c.Submission.Version != 2 || d.CountEvents(t, whole.Code, civic.EventPartsMade) != 1 {
			t.Errorf("the whole is %+v", c.Submission)
		}
		for _, r := range c.Related {
			part := r.Case
			if r.Relation != triage.RelationPart || part.Title != "Sửa trạm bơm nước" || part.State != civic.Received || part.Topic != "" || part.Area != whole.Area || !part.PublishName ||
				!part.ReceivedAt.Equal(whole.ReceivedAt) || !part.DueAt.Equal(whole.DueAt) || !part.ForwardDueAt.Equal(whole.ForwardDueAt) {
				t.Errorf("a part is %+v", part)
			}
			seen, err := d.s.Case(t.Context(), d.coordinator, part.Code)
			if err != nil || len(seen.Related) != 2 || seen.Related[0].Relation != triage.RelationOrigin || seen.Related[1].Relation != triage.RelationSibling || seen.Related[0].Case.ID != whole.ID {
				t.Errorf("the part knows %+v, %v", seen.Related, err)
			}
			if sender, err := d.s.Look(t.Context(), d.coordinator, part.Code, "đối chiếu người gửi"); err != nil || sender != house.Sender {
				t.Errorf("the part's sender is %+v, %v", sender, err)
			}
			if m := d.Messages(t, part.Code); len(m) != 1 || m[0].Kind != civic.MessageReceipt {
				t.Errorf("the sender is told %+v", m)
			}
			events := d.Events(t, part.Code)
			if len(events) != 2 || events[0].Type != civic.EventReceived || events[1].Type != civic.EventPartOf || events[1].User != d.coordinator.User || events[1].Reason != "Nêu hai việc." {
				t.Errorf("its history is %+v", events)
			}
		}
		d.settle(t) // the parts have the same words: without a bar they would join
		for _, r := range c.Related {
			if got := d.Case(t, r.Case.Code); got.State == civic.Merged || got.State == civic.Received {
				t.Errorf("a part is %s", got.State)
			}
		}
	})
}

func TestEachContactOfAPartHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	whole := d.Receive(t, in(civic.InProgress))
	reach := civic.Reach{Submission: whole.ID, Wants: civic.WantsNeeded, ConfirmedAt: d.Clock.Now()}
	d.Do(t, func(tx store.Tx) error { return tx.Reaches().Put(t.Context(), reach) })
	if err := d.s.Split(t.Context(), d.coordinator, whole.Code, 1, parts(1), ""); err != nil {
		t.Fatal(err)
	}
	d.View(t, func(tx store.Tx) error {
		ids, err := tx.Parts().List(t.Context(), whole.ID)
		if err != nil {
			return err
		}
		reach.Submission = ids[0]
		if got, err := tx.Reaches().Get(t.Context(), ids[0]); err != nil || got != reach {
			t.Errorf("the part has to be confirmed anew: %+v, %v", got, err)
		}
		part, err := tx.Contacts().Get(t.Context(), ids[0])
		if err != nil {
			return err
		}
		own, err := tx.Contacts().Get(t.Context(), whole.ID)
		if string(part.WrappedKey) == string(own.WrappedKey) || string(part.Sealed) == string(own.Sealed) {
			t.Error("the contact was copied as it lay")
		}
		return err
	})
	// Erased or never given: the part has none either.
	silent := d.ReceiveFrom(t, civic.Contact{}, in(civic.Triage))
	if err := d.s.Split(t.Context(), d.coordinator, silent.Code, 1, parts(1), ""); err != nil {
		t.Fatal(err)
	}
	c, err := d.s.Case(t.Context(), d.coordinator, silent.Code)
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := d.s.Case(t.Context(), d.coordinator, c.Related[0].Case.Code); err != nil || seen.HasContact || len(seen.Messages) != 0 {
		t.Errorf("the part of a silent one has a contact: %v", err)
	}
}

func TestSplitNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.Receive(t, in(civic.Triage))
	wrong := append(parts(1), triage.Part{Title: "x", Body: strings.Repeat(" ", 30)})
	for _, tt := range []struct {
		parts []triage.Part
		want  string
	}{
		{nil, "parts=field.required"}, {parts(10), "parts=field.too_many"}, {wrong, "parts.1.title=field.too_short parts.1.body=field.required"},
	} {
		var got []string
		for _, f := range errs.FieldsOf(d.s.Split(t.Context(), d.coordinator, sub.Code, 1, tt.parts, "")) {
			got = append(got, f.Name+"="+f.Code)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%q, want %q", s, tt.want)
		}
	}
	for _, state := range civic.States {
		sub := d.Receive(t, in(state))
		err := d.s.Split(t.Context(), d.coordinator, sub.Code, 1, parts(9), "")
		if may := civic.Assignable.Has(state); may != (err == nil) || !may && errs.KindOf(err) != errs.Conflict {
			t.Errorf("while %s: %v", state, err)
		}
	}
}
