// Package demo fills an installation with invented staff and cases, so that
// everything can be tried out. It goes the way of every other submission,
// through the use cases, with a clock that walks from two months ago to now.
package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"hienke/internal/accounts"
	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/dialogue"
	"hienke/internal/directory"
	"hienke/internal/errs"
	"hienke/internal/intake"
	"hienke/internal/opinions"
	"hienke/internal/privacy"
	"hienke/internal/triage"
)

//go:embed cases.toml
var casesTOML []byte

// Case is one invented case as cases.toml has it.
type Case struct {
	ID           string
	Days         int // ago
	Kind         civic.Kind
	Language     civic.Language
	Title        string
	Body         string
	Topic        civic.TopicCode
	Area         civic.AreaCode
	Submitter    civic.SubmitterType
	Name         string
	Email        string
	Organisation string
	Agency       civic.AgencyCode // empty: the Ministry of Science and Technology
	Steps        string
	Also         string // what happens beside; see scenes
	Outcome      civic.Outcome
	Answer       string
	Reason       string
	Message      string
}

// Cases returns the invented cases, the oldest first.
func Cases() ([]Case, error) {
	var file struct {
		Case []Case `toml:"case"`
	}
	if err := toml.NewDecoder(bytes.NewReader(casesTOML)).DisallowUnknownFields().Decode(&file); err != nil {
		return nil, fmt.Errorf("read the demo cases: %w", err)
	}
	slices.SortStableFunc(file.Case, func(a, b Case) int { return b.Days - a.Days })
	return file.Case, nil
}

// ministry answers most of the cases, and its people are the demo staff.
const ministry civic.AgencyCode = "bo-khoa-hoc-cong-nghe"

// Addresses of the demo staff.
const (
	Coordinator   = "coordinator@demo.test"
	Officer       = "officer@demo.test"
	Approver      = "approver@demo.test"
	Administrator = "admin@demo.test"
)

// Staff lists the demo accounts, without passwords.
func Staff() []accounts.NewUser {
	return []accounts.NewUser{
		{Email: Coordinator, Name: "Điều Phối Viên Mẫu", Role: civic.RoleCoordinator},
		{Email: Officer, Name: "Chuyên Viên Mẫu", Role: civic.RoleOfficer, Agency: ministry},
		{Email: Approver, Name: "Lãnh Đạo Mẫu", Role: civic.RoleApprover, Agency: ministry},
		{Email: Administrator, Name: "Quản Trị Mẫu", Role: civic.RoleAdministrator},
		{Email: education, Name: "Chuyên Viên Giáo Dục Mẫu", Role: civic.RoleOfficer, Agency: "bo-giao-duc-dao-tao"},
		{Email: Lead, Name: "Thủ Trưởng Mẫu", Role: civic.RoleLead, Agency: ministry},
		{Email: DataProtection, Name: "Phụ Trách Dữ Liệu Mẫu", Role: civic.RoleDataProtection},
		{Email: Auditor, Name: "Kiểm Tra Viên Mẫu", Role: civic.RoleAuditor},
	}
}

// Seed does the filling.
type Seed struct {
	Intake   *intake.Service
	Triage   *triage.Service
	Answers  *answers.Service
	Accounts *accounts.Service
	Opinions *opinions.Service
	Dialogue *dialogue.Service
	Privacy  *privacy.Service
	// Directory goes by the clock of the house: a registry has no past.
	Directory *directory.Service
	// SetNow moves the clock of the services above.
	SetNow func(time.Time)
	Now    time.Time
	// Settle does all matching and routing that waits.
	Settle   func(context.Context) error
	Password string // of all demo staff
}

// Run adds what is missing: a second run changes nothing, and one that was cut
// off is taken up where it stopped.
func (s *Seed) Run(ctx context.Context) error {
	users, err := s.staff(ctx)
	if err != nil {
		return err
	}
	cases, err := Cases()
	if err != nil {
		return err
	}
	// Each case is finished before the next one is sent. So of those that are
	// there already only the newest can be unfinished; the others are left to
	// whoever has worked on them since.
	var there *sent
	var all []*sent
	for _, c := range cases {
		s.SetNow(s.Now.AddDate(0, 0, -c.Days))
		ack, err := s.send(ctx, c)
		if err != nil {
			return fmt.Errorf("demo case %s: %w", c.ID, err)
		}
		all = append(all, &sent{c, ack})
		if ack.Replayed {
			there = &sent{c, ack}
			continue
		}
		if err := errors.Join(s.one(ctx, &sent{c, ack}, users), s.one(ctx, there, users)); err != nil {
			return err
		}
		there = nil
	}
	if err := s.one(ctx, there, users); err != nil {
		return err
	}
	for _, c := range all {
		if err := s.scene(ctx, c, users); err != nil {
			return err
		}
	}
	if err := errors.Join(s.request(ctx, users), s.merger(ctx)); err != nil {
		return err
	}
	s.SetNow(s.Now)
	return nil
}

// playing is the acts on one case.
func (s *Seed) playing(ctx context.Context, code civic.Code, users map[string]civic.User) *play {
	return &play{Seed: s, ctx: ctx, code: code, as: func(email string) civic.Actor { return civic.StaffOf(users[email]) }}
}

// staff makes the accounts that are missing and returns all by address.
func (s *Seed) staff(ctx context.Context) (map[string]civic.User, error) {
	s.SetNow(s.Now)
	for _, u := range Staff() {
		u.Password, u.Invented = s.Password, true
		if _, err := s.Accounts.Add(ctx, civic.System, u); err != nil && errs.CodeOf(err) != "user.email_taken" {
			return nil, fmt.Errorf("demo account %s: %w", u.Email, err)
		}
	}
	list, err := s.Accounts.List(ctx, civic.System)
	if err != nil {
		return nil, err
	}
	users := map[string]civic.User{}
	for _, u := range list {
		users[u.Email] = u
	}
	return users, nil
}

// stages in their order; a case with a later one went through those before.
var stages = []string{"sent", "assigned", "accepted", "review", "answered", "published"}

// sent is a case that was sent, now or by an earlier run.
type sent struct {
	Case
	ack intake.Acknowledgement
}

// one brings a case as far as its steps say. Each step waits a day or three.
func (s *Seed) one(ctx context.Context, c *sent, users map[string]civic.User) error {
	if c == nil {
		return nil
	}
	if err := s.act(ctx, c.Case, c.ack, users); err != nil {
		return fmt.Errorf("demo case %s: %w", c.ID, err)
	}
	return nil
}

func (s *Seed) act(ctx context.Context, c Case, ack intake.Acknowledgement, users map[string]civic.User) error {
	at := ack.ReceivedAt
	step := func(hours int) { // never into the future
		if at = at.Add(time.Duration(hours) * time.Hour); at.After(s.Now) {
			at = s.Now
		}
		s.SetNow(at)
	}
	step(0)
	if err := s.Settle(ctx); err != nil {
		return err
	}
	p := s.playing(ctx, ack.Code, users)
	sub, err := p.current()
	if err != nil {
		return err
	}
	if sub.UpdatedAt.After(at) { // taken up after something later was done
		at = sub.UpdatedAt
	}
	if c.Steps == "rejected" {
		step(20)
		return p.reject(c)
	}
	until := slices.Index(stages, c.Steps)
	if until < 0 {
		return errors.New("unknown steps")
	}
	agency := c.Agency
	if agency == "" {
		agency = ministry
	}
	for i, act := range []struct {
		hours int
		do    func() error
	}{
		{20, func() error { return p.assign(agency) }},
		{26, func() error { return p.accept(agency) }},
		{90, func() error { return p.draft(c) }},
		{30, func() error { return p.approve(c) }},
	} {
		if i+1 > until {
			break
		}
		step(act.hours)
		if err := act.do(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Seed) send(ctx context.Context, c Case) (intake.Acknowledgement, error) {
	d := civic.Draft{
		Kind: c.Kind, Title: c.Title, Body: strings.TrimSpace(c.Body), Topic: c.Topic, Area: c.Area, Language: c.Language,
		Channel: civic.ChannelWeb, Submitter: c.Submitter, AcceptTerms: true,
		Contact: civic.Contact{Name: c.Name, Email: c.Email, Organisation: c.Organisation},
	}
	if d.Submitter == "" {
		d.Submitter = civic.Person
	}
	return s.Intake.Submit(ctx, civic.Public, intake.Request{
		Draft: d, IdempotencyKey: "demo-" + c.ID, BodyHash: sha256.Sum256([]byte(c.ID)),
	})
}

// play does the acts of staff on one case, each only where it is still due.
type play struct {
	*Seed
	ctx  context.Context //nolint:containedctx // lives for one case
	code civic.Code
	as   func(email string) civic.Actor
}

// current is the case as the coordinator sees it now.
func (p *play) current() (civic.Submission, error) {
	c, err := p.Triage.Case(p.ctx, p.as(Coordinator), p.code)
	return c.Submission, err
}

func (p *play) assign(agency civic.AgencyCode) error {
	sub, err := p.current()
	if err != nil || sub.Agency == agency || !civic.Assignable.Has(sub.State) {
		return err
	}
	return p.Triage.Assign(p.ctx, p.as(Coordinator), p.code, sub.Version, agency, "Thuộc lĩnh vực cơ quan phụ trách.")
}

func (p *play) accept(agency civic.AgencyCode) error {
	sub, err := p.current()
	if err != nil || sub.State != civic.Assigned {
		return err
	}
	officer := Officer
	if agency != ministry {
		officer = education
	}
	return p.Triage.Accept(p.ctx, p.as(officer), p.code, sub.Version, 0)
}

func (p *play) draft(c Case) error {
	sub, err := p.current()
	if err != nil || sub.State != civic.InProgress {
		return err
	}
	return p.Answers.Draft(p.ctx, p.as(Officer), p.code, sub.Version, answers.Draft{Text: c.Answer, Outcome: c.Outcome, Submit: true, Details: p.details(c)})
}

func (p *play) approve(c Case) error {
	sub, err := p.current()
	if err != nil || sub.State != civic.InReview {
		return err
	}
	return p.Answers.ApproveWith(p.ctx, p.as(Approver), p.code, sub.Version, p.approval(c))
}

func (p *play) reject(c Case) error {
	sub, err := p.current()
	if err != nil || !sub.State.CanBecome(civic.Rejected) {
		return err
	}
	return p.Triage.Reject(p.ctx, p.as(Coordinator), p.code, sub.Version, civic.Rejection{
		Reason: c.Reason, Message: strings.TrimSpace(c.Message),
	})
}
