package reminders

import (
	"context"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

const (
	// digestsAtOnce is how many morning mails one sweep begins.
	digestsAtOnce = 200
	// listed is how many cases a part of a mail names; it counts all of them.
	listed = 10
	// looked is how many answers that wait are looked at for whom they wait.
	looked = 100
)

// sweepDigests begins the morning mails, one for each person and working day.
// Who is absent gets none: the work is in the mail of who stands in.
func (s *Service) sweepDigests(ctx context.Context, now time.Time) (n int, err error) {
	day := civic.DateOf(now)
	if s.Registry.Reminders.DigestAt == 0 || now.Sub(day.Start()) < s.Registry.Reminders.DigestAt || !s.Times.Now().Calendar.IsWorkingDay(day) {
		return 0, nil
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		users, err := tx.StaffMails().DigestsDue(ctx, day, digestsAtOnce)
		if err != nil || len(users) == 0 {
			return err
		}
		staff, err := s.staff(ctx, tx, now)
		if err != nil {
			return err
		}
		n = len(users)
		for _, id := range users {
			first, err := tx.StaffMails().ClaimDigest(ctx, id, day)
			if err != nil {
				return err
			}
			u, ok := staff.User(id)
			if !first || !ok || staff.Away(id) || !civic.StaffOf(u).May(civic.NoteCase) { // who changes no case has nothing to do
				continue
			}
			if _, err := tx.StaffMails().Queue(ctx, id, store.MailDigest, now, now); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// SetDigest turns the actor's own morning mail on or off.
func (s *Service) SetDigest(ctx context.Context, actor civic.Actor, on bool) error {
	if actor.Kind != civic.ActorStaff {
		return errs.New(errs.Unauthenticated, "actor.not_signed_in")
	}
	return s.Store.Do(ctx, func(tx store.Tx) error { return tx.StaffMails().SetDigest(ctx, actor.User, on) })
}

// WantsDigest reports whether the actor gets the morning mail.
func (s *Service) WantsDigest(ctx context.Context, actor civic.Actor) (on bool, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		on, err = tx.StaffMails().WantsDigest(ctx, actor.User)
		return err
	})
	return on, err
}

// section is one part of a morning mail.
type section struct {
	Title string
	Total int
	Cases []line
	More  int // how many are not named
}

// digest is what the day asks of somebody.
func (s *Service) digest(ctx context.Context, tx store.Tx, staff civic.Staff, u civic.User, now time.Time) ([]section, error) {
	today := civic.DateOf(now).Start().UTC()
	tomorrow := today.AddDate(0, 0, 1)
	var out []section
	add := func(title string, qs ...store.QueueQuery) error {
		part := section{Title: title}
		for _, q := range qs {
			q.Page, q.PerPage = 1, listed
			found, err := tx.Submissions().Queue(ctx, q)
			if err != nil {
				return err
			}
			part.Total += found.Total
			for _, item := range found.Items {
				part.Cases = append(part.Cases, s.line(staff, item.Submission, item.DueAt, now))
			}
		}
		out = appendSection(out, part)
		return nil
	}
	fresh, mine := queues(staff, u)
	dated := func(from, until time.Time) []store.QueueQuery {
		qs := slices.Clone(mine)
		for i := range qs {
			qs[i].DueFrom, qs[i].DueUntil = from, until
		}
		return qs
	}
	if err := add(fresh.title, fresh.QueueQuery); err != nil {
		return nil, err
	}
	if err := add("Đến hạn hôm nay", dated(today, tomorrow)...); err != nil {
		return nil, err
	}
	if err := add("Đã quá hạn", dated(time.Time{}, today)...); err != nil {
		return nil, err
	}
	waiting, err := s.waiting(ctx, tx, staff, u, now)
	if err != nil {
		return nil, err
	}
	out = appendSection(out, waiting)
	asked, came, err := s.opinionSections(ctx, tx, staff, u, now)
	if err != nil {
		return nil, err
	}
	todos, mentions, err := s.teamSections(ctx, tx, staff, u, now)
	return appendSection(appendSection(appendSection(appendSection(out, asked), came), todos), mentions), err
}

func appendSection(to []section, part section) []section {
	if part.Total == 0 {
		return to
	}
	part.Cases = part.Cases[:min(len(part.Cases), listed)]
	part.More = part.Total - len(part.Cases)
	return append(to, part)
}

// titled is a query with the title of what it finds.
type titled struct {
	title string
	store.QueueQuery
}

// queues are what is new for somebody, and what is theirs: the cases of a
// person and of whom the person stands in for, the cases of an agency for who
// leads it, every case for coordinators.
func queues(staff civic.Staff, u civic.User) (fresh titled, mine []store.QueueQuery) {
	fresh = titled{"Mới chuyển đến, chờ tiếp nhận", store.QueueQuery{States: []civic.State{civic.Assigned}, Agencies: []civic.AgencyCode{u.Agency}}}
	switch u.Role {
	case civic.RoleCoordinator, civic.RoleAdministrator:
		return titled{"Chờ phân loại", store.QueueQuery{States: []civic.State{civic.Triage}}}, []store.QueueQuery{{}}
	case civic.RoleLead:
		mine = []store.QueueQuery{{Agencies: []civic.AgencyCode{u.Agency}}}
	default:
		mine = []store.QueueQuery{{Assignees: []civic.UserID{u.ID}}}
	}
	for _, id := range staff.Represented(u.ID) {
		if other, ok := staff.User(id); ok && (u.Role != civic.RoleLead || other.Agency != u.Agency) {
			mine = append(mine, store.QueueQuery{Assignees: []civic.UserID{id}})
		}
	}
	return fresh, mine
}

// waiting are the answers that wait for somebody's approval; for coordinators
// those that nobody may approve.
func (s *Service) waiting(ctx context.Context, tx store.Tx, staff civic.Staff, u civic.User, now time.Time) (section, error) {
	part := section{Title: "Chờ ông/bà duyệt trả lời"}
	q := store.QueueQuery{States: []civic.State{civic.InReview}, Page: 1, PerPage: looked}
	if u.Role == civic.RoleCoordinator {
		part.Title = "Câu trả lời chưa có người duyệt"
	} else if !civic.StaffOf(u).May(civic.ApproveCase) {
		return part, nil
	} else {
		q.Scope = s.Registry.Subtree(u.Agency)
	}
	found, err := tx.Submissions().Queue(ctx, q)
	if err != nil {
		return part, err
	}
	for _, item := range found.Items {
		answer, err := tx.Answers().Get(ctx, item.ID)
		if errs.KindOf(err) == errs.NotFound && err != nil {
			continue
		}
		if err != nil {
			return part, err
		}
		approvers, _ := staff.Approvers(item.Agency, answer.DraftedBy)
		if slices.Contains(approvers, u.ID) || u.Role == civic.RoleCoordinator && len(approvers) == 0 {
			part.Total++
			part.Cases = append(part.Cases, s.line(staff, item.Submission, item.DueAt, now))
		}
	}
	return part, nil
}
