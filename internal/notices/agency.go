package notices

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/mail"
	"hienke/internal/store"
)

// work is what the mail to an agency says: no word of the case itself and
// nothing of the sender, for mail goes through hands that nobody knows.
type work struct {
	Code      string
	Agency    string
	Kind      string
	DueOn     string
	AcceptBy  string
	StaffURL  string
	PublicURL string
}

// kindNames are the kinds as an agency reads them, in Vietnamese, which is the
// language of offices.
var kindNames = map[civic.Kind]string{
	civic.Feedback: "phản ánh", civic.Recommendation: "kiến nghị", civic.Initiative: "sáng kiến", civic.Solution: "giải pháp",
}

// Notify tells an agency of a case that it was given. It is the handler of
// store.JobNotify: job is the outbox row. A case that left the agency meanwhile
// is not told of any more. A refusal for good is kept with the notice, and the
// agency is flagged for it.
func (s *Service) Notify(ctx context.Context, job, notice int64) error {
	return s.carrier().Carry(ctx, job, delivery.Errand{
		Compose: func(ctx context.Context, tx store.Tx) (v delivery.Verdict, out mail.Mail, unsent string, err error) {
			n, err := tx.AgencyNotices().Get(ctx, notice)
			if v = (delivery.Verdict{State: n.State, Reason: n.Reason}); err != nil || n.State != civic.MessageQueued {
				return v, out, "", err
			}
			out, unsent, err = s.composeNotice(ctx, tx, n)
			return v, out, unsent, err
		},
		Settle: func(ctx context.Context, tx store.Tx, v delivery.Verdict, at time.Time) error {
			_, err := tx.AgencyNotices().Settle(ctx, notice, v.State, v.Reason, at)
			return err
		},
	})
}

// composeNotice writes the mail, or says why there is none to write.
func (s *Service) composeNotice(ctx context.Context, tx store.Tx, n store.AgencyNotice) (mail.Mail, string, error) {
	sub, err := tx.Submissions().Get(ctx, n.Submission)
	if err != nil {
		return mail.Mail{}, "", err
	}
	if sub.Agency != n.Agency || !civic.WithAgency.Has(sub.State) {
		return mail.Mail{}, ReasonOutdated, nil
	}
	agency, ok := s.Registry.Agency(n.Agency)
	if !ok || agency.Email == "" { // taken out of the registry since
		return mail.Mail{}, ReasonNoAddress, nil
	}
	w := work{
		Code: sub.Code.String(), Agency: agency.Names.In(civic.Vietnamese), Kind: kindNames[sub.Kind],
		DueOn: day(civic.Vietnamese, sub.DueAt), AcceptBy: day(civic.Vietnamese, sub.ForwardDueAt),
		StaffURL: s.PublicURL + "/staff/cases/" + sub.Code.String(), PublicURL: s.PublicURL,
	}
	out, err := Draw("agency_assigned", civic.Vietnamese, w)
	out.To = agency.Email
	out.MessageID = fmt.Sprintf("%s.agency.%d@%s", strings.ToLower(string(sub.Code)), n.ID, s.host())
	return out, "", err
}
