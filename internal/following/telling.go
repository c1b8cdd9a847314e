package following

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/errs"
	"hienke/internal/i18n"
	"hienke/internal/mail"
	"hienke/internal/search"
	"hienke/internal/store"
)

const (
	// atOnce is how many follows one transaction changes: some tens of
	// milliseconds of the only writer on SQLite.
	atOnce = 500
	// inDigest is how many answers one digest names.
	inDigest = 20
	// digestsAtOnce is how many digests one round begins.
	digestsAtOnce = 200
)

// told are the states of a public case that its followers are told of.
var told = map[civic.State]bool{civic.Answered: true, civic.Closed: true, civic.Rejected: true}

// Match finds who is to be told of a public case that changed: its followers,
// and whose saved search its answer matches. It is the handler of
// store.JobFollowMatch. What runs twice stores once.
func (s *Service) Match(ctx context.Context, job int64, id civic.SubmissionID) error {
	var sub civic.Submission
	var answered *search.Document
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if sub, err = tx.Submissions().Get(ctx, id); err != nil {
			return err
		}
		answered, err = s.answered(ctx, tx, sub)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the case: %w", err)
	}
	if sub.Visibility.Public() {
		if err := s.tellFollowers(ctx, sub); err != nil {
			return err
		}
		if answered != nil {
			if err := s.matchSearches(ctx, sub, answered); err != nil {
				return err
			}
		}
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		_, err := tx.Outbox().Finish(ctx, job, s.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("finish matching: %w", err)
	}
	s.committed()
	return nil
}

// step names what happened to a case; the same step of the same case is told
// once. Settling an answer is no news of its own.
func step(sub civic.Submission) string {
	state := sub.State
	if state == civic.Closed {
		state = civic.Answered
	}
	return string(state) + "." + strconv.FormatInt(sub.AnsweredAt.UnixMicro(), 36)
}

func (s *Service) tellFollowers(ctx context.Context, sub civic.Submission) error {
	if !told[sub.State] {
		return nil
	}
	for after, more := int64(0), true; more; {
		err := s.Store.Do(ctx, func(tx store.Tx) error {
			list, err := tx.Following().OfCase(ctx, sub.ID, after, atOnce)
			if err != nil {
				return err
			}
			more = len(list) == atOnce
			for _, f := range list {
				if after = f.ID; f.ConfirmedAt.IsZero() {
					continue
				}
				news, err := tx.Following().AddNews(ctx, store.News{Follow: f.ID, Submission: sub.ID, What: step(sub), CreatedAt: s.Now()})
				if err != nil {
					return err
				}
				if news == 0 {
					continue
				}
				if _, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobFollowTell, Subject: news, CreatedAt: s.Now()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("tell the followers of a case: %w", err)
		}
	}
	return nil
}

// SweepDigests begins digests that are due, some of them, and reports whether
// more may be.
func (s *Service) SweepDigests(ctx context.Context) (more bool, err error) {
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		due, err := tx.Following().DueDigests(ctx, now.Add(-digestEvery), digestsAtOnce)
		if err != nil {
			return err
		}
		more = len(due) == digestsAtOnce
		for _, id := range due {
			if err := tx.Following().BeginDigest(ctx, id, now); err != nil {
				return err
			}
			if _, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobFollowDigest, Subject: id, CreatedAt: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("begin the digests: %w", err)
	}
	s.committed()
	return more, nil
}

// Prune deletes what nobody confirmed, some of it, and reports whether more is
// left.
func (s *Service) Prune(ctx context.Context) (more bool, err error) {
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		n, err := tx.Following().RemoveUnconfirmed(ctx, s.Now().Add(-confirmWithin), atOnce)
		more = n == atOnce
		return err
	})
	if err != nil {
		return false, fmt.Errorf("forget what nobody confirmed: %w", err)
	}
	return more, nil
}

// letter is what the templates see.
type letter struct {
	What       string // what is followed, in words
	Title      string
	State      string // civic.State
	Agency     string
	URL        string // of the case, or of the search page
	ConfirmURL string
	EndURL     string
	ManageURL  string
	Until      string // a day
	Items      []item
	More       bool
}

type item struct{ Title, URL string }

// errNothing says that there is nothing to tell any more.
var errNothing = errs.New(errs.NotFound, "news.outdated")

// SendConfirm mails the link that confirms. It is the handler of
// store.JobFollowConfirm.
func (s *Service) SendConfirm(ctx context.Context, job, id int64) error {
	return s.send(ctx, job, nil, func(tx store.Tx) (store.Subscriber, mail.Mail, error) {
		f, err := tx.Following().Get(ctx, id)
		if err != nil {
			return store.Subscriber{}, mail.Mail{}, err
		}
		who, err := tx.Following().Subscriber(ctx, f.Subscriber)
		if err != nil {
			return who, mail.Mail{}, err
		}
		l := letter{
			ConfirmURL: s.PublicURL + s.followPath(who.Language, "confirm", f), ManageURL: s.PublicURL + s.personPath(who),
			Until: i18n.ShortDate(i18n.Lang(who.Language), f.CreatedAt.Add(confirmWithin), civic.Zone),
		}
		if l.What, err = s.whatIs(ctx, tx, f, who.Language); err != nil {
			return who, mail.Mail{}, err
		}
		out, err := s.Draw("follow_confirm", who.Language, l)
		out.MessageID = fmt.Sprintf("follow.confirm.%d.%d@%s", f.ID, job, delivery.Host(s.PublicURL))
		return who, out, err
	})
}

// whatIs says what is followed. What is not public any more is not said.
func (s *Service) whatIs(ctx context.Context, tx store.Tx, f store.Follow, lang civic.Language) (string, error) {
	if f.Submission == 0 {
		return s.Describe(f.Query, lang), nil
	}
	sub, err := tx.Submissions().Get(ctx, f.Submission)
	if err == nil && !sub.Visibility.Public() {
		return "", errNothing
	}
	return sub.PublicTitle, err
}

// SendNews mails one step of a followed case. It is the handler of
// store.JobFollowTell.
func (s *Service) SendNews(ctx context.Context, job, id int64) error {
	return s.send(ctx, job, []int64{id}, func(tx store.Tx) (who store.Subscriber, out mail.Mail, err error) {
		news, err := tx.Following().News(ctx, id)
		if err == nil && !news.ToldAt.IsZero() {
			err = errNothing
		}
		if err != nil {
			return who, out, err
		}
		f, err := tx.Following().Get(ctx, news.Follow)
		if err != nil {
			return who, out, err
		}
		if who, err = tx.Following().Subscriber(ctx, f.Subscriber); err != nil {
			return who, out, err
		}
		sub, err := tx.Submissions().Get(ctx, news.Submission)
		if err == nil && (!sub.Visibility.Public() || step(sub) != news.What) {
			err = errNothing
		}
		if err != nil {
			return who, out, err
		}
		l := letter{
			Title: sub.PublicTitle, State: string(sub.State), URL: s.PublicURL + "/" + string(who.Language) + "/s/" + sub.Code.String(),
			EndURL: s.PublicURL + s.followPath(who.Language, "end", f), ManageURL: s.PublicURL + s.personPath(who),
		}
		out, err = s.Draw("follow_case", who.Language, l)
		out.MessageID, out.Unsubscribe = fmt.Sprintf("follow.news.%d@%s", id, delivery.Host(s.PublicURL)), l.EndURL
		return who, out, err
	})
}

// SendDigest mails the new answers that match somebody's searches. It is the
// handler of store.JobFollowDigest.
func (s *Service) SendDigest(ctx context.Context, job, subscriber int64) error {
	var told []int64
	return s.sendTelling(ctx, job, func() []int64 { return told }, func(tx store.Tx) (who store.Subscriber, out mail.Mail, err error) {
		if who, err = tx.Following().Subscriber(ctx, subscriber); err != nil {
			return who, out, err
		}
		waiting, err := tx.Following().Waiting(ctx, subscriber, atOnce)
		if err != nil {
			return who, out, err
		}
		told = nil
		l := letter{URL: s.PublicURL + "/" + string(who.Language) + "/search", ManageURL: s.PublicURL + s.personPath(who)}
		seen := map[civic.SubmissionID]bool{}
		for _, news := range waiting {
			told = append(told, news.ID)
			sub, err := tx.Submissions().Get(ctx, news.Submission)
			if err != nil {
				return who, out, err
			}
			if seen[sub.ID] || sub.Visibility != civic.PublicWithAnswer || !civic.WithAnswer.Has(sub.State) {
				continue
			}
			seen[sub.ID] = true
			if len(l.Items) == inDigest {
				l.More = true
				continue
			}
			l.Items = append(l.Items, item{sub.PublicTitle, s.PublicURL + "/" + string(who.Language) + "/s/" + sub.Code.String()})
		}
		if len(l.Items) == 0 {
			return who, out, errNothing
		}
		out, err = s.Draw("follow_digest", who.Language, l)
		out.MessageID, out.Unsubscribe = fmt.Sprintf("follow.digest.%d.%d@%s", subscriber, job, delivery.Host(s.PublicURL)), l.ManageURL
		return who, out, err
	})
}

type composer func(tx store.Tx) (store.Subscriber, mail.Mail, error)

func (s *Service) send(ctx context.Context, job int64, told []int64, compose composer) error {
	return s.sendTelling(ctx, job, func() []int64 { return told }, compose)
}

// sendTelling composes a mail, sends it, and finishes the job together with what
// it told. A refusal for good is the end of it.
func (s *Service) sendTelling(ctx context.Context, job int64, told func() []int64, compose composer) error {
	carrier := delivery.Carrier{Store: s.Store, Mail: s.Mail, Now: s.Now}
	return carrier.Carry(ctx, job, delivery.Errand{
		Compose: func(ctx context.Context, tx store.Tx) (v delivery.Verdict, out mail.Mail, unsent string, err error) {
			v.State = civic.MessageQueued
			row, err := tx.Outbox().Get(ctx, job)
			switch { // no row of its own says what became of the mail, but the job does
			case err != nil && errs.KindOf(err) != errs.NotFound:
				return v, out, "", err
			case err != nil || !row.DoneAt.IsZero():
				v.State = civic.MessageSent
				return v, out, "", nil
			}
			who, out, err := compose(tx)
			if err != nil {
				if errs.KindOf(err) == errs.NotFound { // ended, taken down or told meanwhile
					return v, out, delivery.Outdated, nil
				}
				return v, out, "", err
			}
			contact, err := s.Keys.OpenContact(civic.Code(who.Pseudonym), who.Contact.WrappedKey, who.Contact.Sealed)
			out.To = contact.Email
			return v, out, "", err
		},
		Settle: func(ctx context.Context, tx store.Tx, _ delivery.Verdict, at time.Time) error {
			return tx.Following().SetTold(ctx, told(), at)
		},
	})
}
