package reminders

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/i18n"
	"hienke/internal/mail"
	"hienke/internal/store"
)

// inMail is how many cases a reminder names.
const inMail = 30

// line is a case in a mail: no word of what is in it and nothing of its sender,
// for mail goes through hands that nobody knows.
type line struct {
	Code, Kind, Due, Where, URL string
}

// letter is what the templates see.
type letter struct {
	Name     string
	Day      string
	Sections []section
	Cases    []line
	Total    int
	More     int
	StandsIn string // those for whom the reader stands in; may be empty
	QueueURL string
	StaffURL string // of the own account
}

// kindNames are the kinds in Vietnamese, which is the language of offices.
var kindNames = map[civic.Kind]string{
	civic.Feedback: "phản ánh", civic.Recommendation: "kiến nghị", civic.Initiative: "sáng kiến", civic.Solution: "giải pháp",
}

// line tells of a case against one of its deadlines.
func (s *Service) line(staff civic.Staff, sub civic.Submission, deadline, now time.Time) line {
	out := line{
		Code: sub.Code.String(), Kind: kindNames[sub.Kind], URL: s.PublicURL + "/staff/cases/" + sub.Code.String(),
		Due: "không có hạn", Where: "bộ phận điều phối",
	}
	if !deadline.IsZero() {
		out.Due = "hạn " + i18n.ShortDate(i18n.Vietnamese, deadline, civic.Zone)
		if left := s.Times.Now().Calendar.Remaining(now, deadline, civic.WorkingDays); left < 0 {
			out.Due += fmt.Sprintf(", quá %d ngày làm việc", -left)
		}
	}
	if a, ok := s.Registry.Agency(sub.Agency); ok {
		out.Where = a.Names.In(civic.Vietnamese)
	}
	if u, ok := staff.User(sub.Assignee); ok {
		out.Where += ", " + u.Name
	}
	return out
}

// Send sends a mail to a member of staff. It is the handler of
// store.JobStaffMail: job is the outbox row. What is told is how it stands when
// the mail goes out, so that a late one tells nothing that has passed.
func (s *Service) Send(ctx context.Context, job, id int64) error {
	carrier := delivery.Carrier{Store: s.Store, Mail: s.Mail, Now: s.Now}
	return carrier.Carry(ctx, job, delivery.Errand{
		Compose: func(ctx context.Context, tx store.Tx) (v delivery.Verdict, out mail.Mail, unsent string, err error) {
			m, err := tx.StaffMails().Get(ctx, id)
			if v = (delivery.Verdict{State: m.State, Reason: m.Reason}); err != nil || m.State != civic.MessageQueued {
				return v, out, "", err
			}
			out, unsent, err = s.compose(ctx, tx, m, s.Now())
			return v, out, unsent, err
		},
		Settle: func(ctx context.Context, tx store.Tx, v delivery.Verdict, at time.Time) error {
			_, err := tx.StaffMails().Settle(ctx, id, v.State, v.Reason, at)
			return err
		},
	})
}

// compose writes a mail, or says why there is none to write.
func (s *Service) compose(ctx context.Context, tx store.Tx, m store.StaffMail, now time.Time) (mail.Mail, string, error) {
	staff, err := s.staff(ctx, tx, now)
	if err != nil {
		return mail.Mail{}, "", err
	}
	u, ok := staff.User(m.User)
	if !ok || !u.Active {
		return mail.Mail{}, delivery.Outdated, nil
	}
	l := letter{
		Name: u.Name, Day: i18n.ShortDate(i18n.Vietnamese, now, civic.Zone), QueueURL: s.PublicURL + "/staff/queue", StaffURL: s.PublicURL + "/staff/account",
	}
	var names []string
	for _, id := range staff.Represented(u.ID) {
		if other, ok := staff.User(id); ok {
			names = append(names, other.Name)
		}
	}
	l.StandsIn = strings.Join(names, ", ")
	if m.Kind == store.MailDigest {
		l.Sections, err = s.digest(ctx, tx, staff, u, now)
	} else {
		l.Cases, err = s.prompted(ctx, tx, staff, m, now)
	}
	if err != nil {
		return mail.Mail{}, "", err
	}
	if len(l.Sections) == 0 && len(l.Cases) == 0 {
		return mail.Mail{}, delivery.Outdated, nil
	}
	l.Total = len(l.Cases)
	l.Cases = l.Cases[:min(l.Total, inMail)]
	l.More = l.Total - len(l.Cases)
	out, err := s.Draw("staff_"+string(m.Kind), civic.Vietnamese, l)
	out.To = u.Email
	out.MessageID = fmt.Sprintf("staff.%d@%s", m.ID, delivery.Host(s.PublicURL))
	return out, "", err
}

// prompted are the cases that a mail reminds of, without those that were
// settled or got another deadline since.
func (s *Service) prompted(ctx context.Context, tx store.Tx, staff civic.Staff, m store.StaffMail, now time.Time) ([]line, error) {
	prompts, err := tx.Prompts().OfMail(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	var out []line
	for _, p := range prompts {
		sub, err := tx.Submissions().Get(ctx, p.Submission)
		if err != nil {
			return nil, err
		}
		l, late, err := s.promptedOpinion(ctx, tx, p, sub, now)
		if err != nil {
			return nil, err
		}
		if late && civic.Open.Has(sub.State) {
			out = append(out, l)
		}
		if !strings.HasPrefix(p.Step, opinionStep) && civic.Open.Has(sub.State) && (sub.DueAt.Equal(p.DueAt) || sub.ForwardDueAt.Equal(p.DueAt)) {
			out = append(out, s.line(staff, sub, p.DueAt, now))
		}
	}
	return out, nil
}
