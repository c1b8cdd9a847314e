package learning_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/learning"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// school is a trainer in a house of three agencies that may receive, so that
// training takes milliseconds, with people of each role that matters here.
type school struct {
	*house.House
	s                         *learning.Service
	coordinator, admin, other civic.Actor
	log                       bytes.Buffer
}

func newSchool(t *testing.T, h *house.House) *school {
	t.Helper()
	var few []civic.Agency
	for _, a := range h.Registry.Agencies {
		switch a.Code {
		case house.Government, house.Science, house.Education, health:
			few = append(few, a)
		}
	}
	h.Registry.Agencies = few
	d := &school{
		House: h, coordinator: h.Staff(t, civic.RoleCoordinator, ""), admin: h.Staff(t, civic.RoleAdministrator, ""),
		other: h.Staff(t, civic.RoleOfficer, house.Science),
	}
	d.s = d.beside()
	return d
}

// health is the third agency.
const health civic.AgencyCode = "bo-y-te"

// beside is another process on the same store.
func (d *school) beside() *learning.Service {
	return &learning.Service{Store: d.Store, Registry: d.Registry, Now: d.Clock.Now, Log: slog.New(slog.NewTextHandler(&d.log, nil))}
}

// on runs a test in a school on SQLite and in one on PostgreSQL.
func on(t *testing.T, run func(t *testing.T, d *school)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) { run(t, newSchool(t, h)) })
}

// active returns the model that serves.
func (d *school) active(t *testing.T) (m store.Model) {
	t.Helper()
	d.View(t, func(tx store.Tx) (err error) {
		m, err = tx.Models().Active(t.Context())
		return err
	})
	return m
}

func (d *school) learn(t *testing.T) {
	t.Helper()
	if err := d.s.Learn(t.Context()); err != nil {
		t.Fatalf("learn: %v", err)
	}
}

// overview returns what an administrator sees.
func (d *school) overview(t *testing.T) learning.Overview {
	t.Helper()
	o, err := d.s.List(t.Context(), d.admin)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// confirm has people stand by an agency for n cases, a minute apart, each of
// its own words and of one topic.
func (d *school) confirm(t *testing.T, n int, agency civic.AgencyCode, body string) (out []civic.Submission) {
	t.Helper()
	for i := range n {
		sub := d.ReceiveFrom(t, civic.Contact{}, func(sub *civic.Submission) {
			sub.State, sub.Title, sub.Body = civic.Triage, "Ý kiến", fmt.Sprintf("%s Lần %d.", body, i)
		})
		d.Do(t, func(tx store.Tx) error { return tx.Routes().Confirm(t.Context(), sub.ID, agency, d.Clock.Now()) })
		d.Clock.Advance(time.Minute)
		out = append(out, sub)
	}
	return out
}

// The subjects of the three agencies, unlike each other.
const (
	boats   = "Bà con hỏi về phao tiêu, ngư lưới cụ và tàu cá nhỏ ven bờ."
	lessons = "Đề nghị giảm học phí và thêm giáo viên cho lớp mẫu giáo."
	clinic  = "Bệnh nhân phải chờ khám bệnh quá lâu ở trạm xá và thiếu thuốc."
)

// history confirms n cases of each of the three agencies.
func (d *school) history(t *testing.T, n int) {
	t.Helper()
	for range n {
		d.confirm(t, 1, house.Science, boats+fmt.Sprint(d.Clock.Now().Unix()))
		d.confirm(t, 1, house.Education, lessons+fmt.Sprint(d.Clock.Now().Unix()))
		d.confirm(t, 1, health, clinic+fmt.Sprint(d.Clock.Now().Unix()))
	}
}

func TestAClassifierServesBeforeThereIsAnyHistory(t *testing.T) {
	t.Parallel()
	d := newSchool(t, house.New(t))
	if m, err := d.s.Classifier(t.Context()); m != nil || err != nil {
		t.Errorf("before any training: %v, %v", m, err)
	}
	d.learn(t)
	m := d.active(t)
	if m.Examples != 0 || len(m.Data) == 0 || !m.TrainedAt.Equal(house.Morning) || m.Reason != learning.ReasonFirst || m.Verdict != string(learning.FirstModel) {
		t.Errorf("the first model: %+v", m)
	}
	d.Clock.Advance(time.Hour)
	d.learn(t)
	if again := d.active(t); again.Version != m.Version || !again.TrainedAt.Equal(m.TrainedAt) {
		t.Error("it was trained again for nothing")
	}
}

func TestEnoughConfirmationsMakeTheNextModel(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *school) {
		d.learn(t)
		first := d.active(t)
		d.confirm(t, 4, health, boats)
		d.learn(t)
		if d.active(t).Version != first.Version {
			t.Error("four confirmations are worth a new model")
		}
		d.confirm(t, 4, health, boats)
		d.learn(t)
		second := d.active(t)
		if second.Version == first.Version || second.Examples != 8 || second.Reason != learning.ReasonConfirmations || second.Verdict != string(learning.Unmeasured) {
			t.Errorf("eight confirmations: %+v", second)
		}
		model, err := d.s.Classifier(t.Context())
		if err != nil || model.Classify("Tàu cá nhỏ cần phao tiêu mới")[0].Label != string(health) {
			t.Errorf("what serves did not learn it: %v", err)
		}
	})
}

func TestTheNightTrainsWithWhateverIsNew(t *testing.T) {
	t.Parallel()
	d := newSchool(t, house.New(t))
	d.learn(t)
	first := d.active(t)
	d.confirm(t, 1, health, boats)
	d.Clock.Set(time.Date(2026, 3, 2, 18, 59, 0, 0, time.UTC)) // 01:59 in Hanoi
	d.learn(t)
	if d.active(t).Version != first.Version {
		t.Error("one confirmation was worth a model before the night")
	}
	d.Clock.Set(time.Date(2026, 3, 2, 19, 0, 0, 0, time.UTC)) // 02:00
	d.learn(t)
	second := d.active(t)
	if second.Version == first.Version || second.Reason != learning.ReasonNightly {
		t.Errorf("the night made %+v", second)
	}
	d.Clock.Advance(24 * time.Hour)
	d.learn(t)
	if got := d.overview(t).Trainings; len(got) != 2 || got[0].Reason != learning.ReasonNightly || got[0].Outcome != string(learning.Unmeasured) {
		t.Errorf("a night without anything new trained: %+v", got)
	}
}

func TestATrainingIsAskedForAndDoneOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *school) {
		d.learn(t)
		d.confirm(t, 1, health, boats)
		rang := 0
		d.s.Asked = func() { rang++ }
		job, err := d.s.TrainNow(t.Context(), d.admin)
		again, err2 := d.s.TrainNow(t.Context(), d.admin)
		if err != nil || err2 != nil || again.ID != job.ID || rang != 2 {
			t.Fatalf("asked twice: %+v, %+v, %v, %v, rang %d times", job, again, err, err2, rang)
		}
		d.learn(t)
		d.learn(t)
		m := d.active(t)
		if m.Reason != learning.ReasonAsked || m.TrainedBy != d.admin.User || m.Examples != 1 {
			t.Errorf("it made %+v", m)
		}
		got := d.overview(t).Trainings
		if len(got) != 2 || got[0].ID != job.ID || got[0].EndedAt.IsZero() || got[0].Version != m.Version || got[0].AskedBy != d.admin.User {
			t.Errorf("trainings: %+v", got)
		}
		if _, err := d.s.TrainNow(t.Context(), d.admin); err != nil {
			t.Fatal(err)
		}
		d.Clock.Advance(time.Minute)
		d.learn(t)
		if got := d.overview(t).Trainings[0]; got.Outcome != learning.OutcomeUnchanged || got.Version != m.Version || d.active(t).Version != m.Version {
			t.Errorf("with nothing new it came to %+v", got)
		}
	})
}

func TestAChangedRegistryIsLearnedAnew(t *testing.T) {
	t.Parallel()
	d := newSchool(t, house.New(t))
	d.learn(t)
	first := d.active(t)
	d.Registry.Agencies[len(d.Registry.Agencies)-1].Competence += " Quản lý ngư lưới cụ và phao tiêu ven bờ."
	d.learn(t)
	if m := d.active(t); m.Version == first.Version || m.Reason != learning.ReasonRegistry {
		t.Errorf("the model still knows the old description: %+v", m)
	}
}

func TestAnotherProcessTakesUpTheModel(t *testing.T) {
	t.Parallel()
	d := newSchool(t, house.New(t))
	other := d.beside()
	if _, err := other.Classifier(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.learn(t)
	if m, err := other.Classifier(t.Context()); err != nil || m == nil || m.Version() != d.active(t).Version {
		t.Errorf("it has %v, %v", m, err)
	}
}

func TestExamplesFollowTheirAgency(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *school) {
		old := civic.Agency{
			Code: "bo-cu", Names: civic.Names{civic.Vietnamese: "Bộ Cũ"}, Receives: true, Competence: "Phao tiêu.",
			Valid:      civic.Period{Until: d.Clock.Now().Add(24 * time.Hour)},
			Successors: []civic.AgencyCode{health, house.Science},
			Succession: []civic.Succession{{Agency: house.Science, Topics: []civic.TopicCode{"du-lieu"}}},
		}
		d.Registry.Agencies = append(d.Registry.Agencies, old)
		follow := d.confirm(t, 5, old.Code, boats)
		wait := d.confirm(t, 2, old.Code, clinic)
		for _, sub := range wait {
			d.retopic(t, sub, "khac")
		}
		page := func(who civic.Actor) learning.WaitingPage {
			t.Helper()
			p, err := d.s.Waiting(t.Context(), who, 1)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		if p := page(d.coordinator); p.Total != 0 {
			t.Errorf("while it lasts %d wait", p.Total)
		}
		d.Clock.Advance(48 * time.Hour)
		d.learn(t)
		model, err := d.s.Classifier(t.Context())
		if err != nil || model.Confirmed(string(house.Science)) != len(follow) || model.Confirmed(string(health)) != 0 || model.Confirmed("bo-cu") != 0 {
			t.Errorf("they did not follow by topic: %v", err)
		}
		p := page(d.admin)
		if p.Total != 2 || len(p.Items) != 2 || p.Items[0].Code != wait[1].Code || fmt.Sprint(p.Items[0].Successors) != fmt.Sprint(old.Successors) {
			t.Errorf("those that wait: %+v", p)
		}
		if err := d.s.Relabel(t.Context(), d.coordinator, wait[0].Code, health); err != nil {
			t.Fatal(err)
		}
		if p := page(d.coordinator); p.Total != 1 || p.Items[0].Code != wait[1].Code {
			t.Errorf("after one was relabelled: %+v", p)
		}
		if h, err := d.s.Health(t.Context()); err != nil || h.Waiting != 1 {
			t.Errorf("the operator is told of %d, %v", h.Waiting, err)
		}
		if got := d.Case(t, wait[0].Code); got.Agency != wait[0].Agency || len(d.Events(t, wait[0].Code)) != 1 {
			t.Error("the case was touched")
		}
	})
}

// retopic files a case under another topic.
func (d *school) retopic(t *testing.T, sub civic.Submission, topic civic.TopicCode) {
	t.Helper()
	d.Change(t, sub.Code, func(sub *civic.Submission) { sub.Topic = topic })
}

func TestRelabelRefuses(t *testing.T) {
	t.Parallel()
	d := newSchool(t, house.New(t))
	sub := d.confirm(t, 1, health, boats)[0]
	unconfirmed := d.Receive(t, nil)
	tests := []struct {
		name   string
		who    civic.Actor
		code   civic.Code
		agency civic.AgencyCode
		want   string
	}{
		{"an officer", d.other, sub.Code, house.Science, "actor.not_allowed"},
		{"the public", civic.Public, sub.Code, house.Science, "actor.not_signed_in"},
		{"an agency that receives nothing", d.admin, sub.Code, house.Government, "input.invalid"},
		{"a case that nobody confirmed", d.admin, unconfirmed.Code, house.Science, "example.not_found"},
		{"a case that is not there", d.admin, "HKXXXXXXXXXX", house.Science, "submission.not_found"},
	}
	for _, tt := range tests {
		if err := d.s.Relabel(t.Context(), tt.who, tt.code, tt.agency); errs.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	if _, err := d.s.Waiting(t.Context(), d.other, 1); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an officer sees what waits: %v", err)
	}
}

func TestOneProcessAtATimeTrains(t *testing.T) {
	t.Parallel()
	d := newSchool(t, house.New(t))
	d.Do(t, func(tx store.Tx) error {
		_, err := tx.Leases().Take(t.Context(), "model.train", "somebody else", d.Clock.Now(), 15*time.Minute)
		return err
	})
	d.learn(t)
	err := d.Store.View(t.Context(), func(tx store.Tx) error {
		_, err := tx.Models().Active(t.Context())
		return err
	})
	if errs.KindOf(err) != errs.NotFound {
		t.Errorf("it trained beside the other: %v", err)
	}
	d.Clock.Advance(15*time.Minute + time.Second) // the other died
	d.learn(t)
	d.active(t)
}

// Two processes of one installation must not both hold the lease.
func TestTwoTrainersExcludeEachOther(t *testing.T) {
	t.Parallel()
	d := newSchool(t, house.New(t))
	other := d.beside()
	entered, leave := make(chan struct{}), make(chan struct{})
	d.s.Store = &pausing{Store: d.Store, entered: entered, leave: leave}
	done := make(chan error)
	go func() { done <- d.s.Learn(t.Context()) }()
	<-entered // the first holds the lease and is about to read its examples
	if err := other.Learn(t.Context()); err != nil {
		t.Error(err)
	}
	err := d.Store.View(t.Context(), func(tx store.Tx) error {
		_, err := tx.Models().Active(t.Context())
		return err
	})
	if errs.KindOf(err) != errs.NotFound {
		t.Errorf("the second trained while the first held the lease: %v", err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// pausing stops the first look at the store after the first change, which is
// where a trainer that has the lease reads its examples.
type pausing struct {
	store.Store
	entered, leave chan struct{}
	changed, done  bool
}

func (p *pausing) Do(ctx context.Context, fn func(store.Tx) error) error {
	p.changed = true
	return p.Store.Do(ctx, fn)
}

func (p *pausing) View(ctx context.Context, fn func(store.Tx) error) error {
	if p.changed && !p.done {
		p.done = true
		close(p.entered)
		<-p.leave
	}
	return p.Store.View(ctx, fn)
}
