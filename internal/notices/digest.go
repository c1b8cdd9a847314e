package notices

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/sms"
	"hienke/internal/store"
)

const (
	// onADay is how many messages go to one mailbox or telephone at once within
	// a day; what is more waits for the digest of the next morning. Nobody with
	// one case has so many.
	onADay = 3
	// digestHour is when digests go out, in Vietnam: offices and buses are full
	// of people who look at their telephones.
	digestHour = 7
	// digestsAtOnce bounds one round.
	digestsAtOnce = 200
	// again is when a digest is begun anew whose messages are still held.
	again = 24 * time.Hour
)

// steps are the messages that only who wants every step gets, and news all that
// can wait for a digest.
var (
	steps = []civic.MessageKind{civic.MessageMoved, civic.MessageDelayed, civic.MessageLate, civic.MessageReopened, civic.MessageClosed}
	needs = []civic.MessageKind{civic.MessageQuestion, civic.MessageReminder, civic.MessageAnswer, civic.MessageRejected}
	news  = slices.Concat(steps, needs)
)

// crowded reports whether a message has to wait for the digest: so many others
// went to the same person within a day, or wait. What needs the sender is not
// held up by mere steps. Two that are looked at in the same moment may both go.
func (s *Service) crowded(ctx context.Context, tx store.Tx, m civic.Message, way civic.Way) (bool, error) {
	kinds := news
	switch {
	case slices.Contains(needs, m.Kind):
		kinds = needs
	case !slices.Contains(steps, m.Kind):
		return false, nil
	}
	n, err := tx.Messages().Crowd(ctx, m.ID, way, kinds, s.Now().Add(-24*time.Hour))
	return n > onADay, err
}

// nextMorning is when what is held now goes out.
func nextMorning(now time.Time) time.Time {
	at := now.In(civic.Zone)
	morning := time.Date(at.Year(), at.Month(), at.Day(), digestHour, 0, 0, 0, civic.Zone)
	if !morning.After(at) {
		morning = morning.AddDate(0, 0, 1)
	}
	return morning.UTC()
}

// SweepDigests begins digests that are due, some of them, and reports whether
// more may be. One that gets lost is begun again a day later.
func (s *Service) SweepDigests(ctx context.Context) (more bool, err error) {
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		due, err := tx.Messages().DueDigests(ctx, now, digestsAtOnce)
		if err != nil {
			return err
		}
		more = len(due) == digestsAtOnce
		for _, id := range due {
			held, err := tx.Messages().Held(ctx, id)
			if err != nil {
				return err
			}
			for _, m := range held {
				if err := tx.Messages().Hold(ctx, m.ID, now.Add(again)); err != nil {
					return err
				}
			}
			if _, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobDigest, Subject: id, CreatedAt: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("begin the digests: %w", err)
	}
	return more, nil
}

// step is what a digest says of one case.
type step struct {
	Code, Title string
	News        []string
}

// digest is one message in place of several.
type digest struct {
	parcel parcel
	told   []int64
	unsent map[int64]string // why others are not told
}

// SendDigest sends everything that is held for one person. It is the handler of
// store.JobDigest: message is any of what is held.
func (s *Service) SendDigest(ctx context.Context, job, message int64) error {
	var d digest
	err := s.Store.View(ctx, func(tx store.Tx) error {
		held, err := tx.Messages().Held(ctx, message)
		if err == nil {
			d, err = s.gather(ctx, tx, job, held)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("compose the digest: %w", err)
	}
	var v delivery.Verdict
	if len(d.told) > 0 {
		if v, err = s.hand(ctx, d.parcel); err != nil {
			return err
		}
	}
	return s.carrier().Settle(ctx, job, func(ctx context.Context, tx store.Tx, now time.Time) error {
		for _, id := range d.told {
			if _, err := tx.Messages().Settle(ctx, id, v.State, v.Reason, now); err != nil {
				return err
			}
		}
		for id, reason := range d.unsent {
			if _, err := tx.Messages().Settle(ctx, id, civic.MessageNotSent, reason, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// gather reads what the held messages say now, case by case.
func (s *Service) gather(ctx context.Context, tx store.Tx, job int64, held []civic.Message) (digest, error) {
	d := digest{unsent: map[int64]string{}}
	l, to, lang := letter{}, civic.Contact{}, civic.Vietnamese
	for _, m := range held {
		who, unsent, err := s.whom(ctx, tx, m)
		if err != nil {
			return d, err
		}
		if unsent == "" {
			way := s.way(m.Kind, who)
			if unsent = way.unsent; unsent == "" && way.way != m.Way { // it can go another way by now, on its own
				unsent = ReasonOutdated
			}
		}
		if who.reach.Language != "" {
			m.Language = who.reach.Language
		}
		one := letter{}
		if unsent == "" {
			if one, err = s.letter(ctx, tx, m, who.sub, who.contact.Name); errors.Is(err, errOutdated) {
				unsent, err = ReasonOutdated, nil
			}
		}
		if err != nil {
			return d, err
		}
		if unsent != "" {
			d.unsent[m.ID] = unsent
			continue
		}
		d.told, d.parcel.way, to, lang = append(d.told, m.ID), m.Way, who.contact, m.Language
		l.add(one, told(m.Kind, lang, one))
	}
	if len(d.told) == 0 {
		return d, nil
	}
	bounce := casework.BounceToken(s.Keys, d.told[0])
	if d.parcel.way == civic.BySMS {
		d.parcel.sms = sms.Text{To: civic.NormalPhone(to.Phone), Body: shortDigest(lang, l.Items), ID: bounce}
		return d, nil
	}
	l.Name, l.TrackURL = to.Name, s.PublicURL+"/"+string(lang)+"/track"
	out, err := Draw("digest", lang, l)
	out.To, out.Bounce, out.MessageID = to.Email, bounce, fmt.Sprintf("digest.%d@%s", job, s.host())
	d.parcel.mail = out
	return d, err
}

// add puts one line of news to the case that it is of.
func (l *letter) add(one letter, line string) {
	for i := range l.Items {
		if l.Items[i].Code == one.Code {
			if !slices.Contains(l.Items[i].News, line) {
				l.Items[i].News = append(l.Items[i].News, line)
			}
			return
		}
	}
	l.Items = append(l.Items, step{Code: one.Code, Title: one.Title, News: []string{line}})
}

// lines are the news of a digest, one for each kind.
var lines = map[civic.Language]map[civic.MessageKind]string{
	civic.Vietnamese: {
		civic.MessageMoved:    "Hồ sơ đã được chuyển đến {agency}.",
		civic.MessageQuestion: "{agency} cần ông/bà bổ sung thông tin trước ngày {reply}.",
		civic.MessageReminder: "Nhắc lại: {agency} cần ông/bà bổ sung thông tin trước ngày {reply}.",
		civic.MessageDelayed:  "Thời hạn trả lời được gia hạn đến ngày {due}.",
		civic.MessageLate:     "Đã quá hạn trả lời (ngày {due}) mà chưa có trả lời.",
		civic.MessageAnswer:   "{agency} đã trả lời.",
		civic.MessageRejected: "Hồ sơ không được thụ lý; lý do có ở trang theo dõi.",
		civic.MessageReopened: "Đề nghị xem xét lại đã được ghi nhận; hạn trả lời: ngày {due}.",
		civic.MessageClosed:   "Hồ sơ đã kết thúc.",
	},
	civic.English: {
		civic.MessageMoved:    "The case is with {agency} now.",
		civic.MessageQuestion: "{agency} needs to know more before {reply}.",
		civic.MessageReminder: "A reminder: {agency} needs to know more before {reply}.",
		civic.MessageDelayed:  "The answer is now due by {due}.",
		civic.MessageLate:     "The answer was due by {due} and has not been given.",
		civic.MessageAnswer:   "{agency} has answered.",
		civic.MessageRejected: "The case cannot be handled here; the tracking page says why.",
		civic.MessageReopened: "Your objection was taken up; the answer is due by {due}.",
		civic.MessageClosed:   "The case is closed.",
	},
}

// joinedLines are for a case that follows another one now.
var joinedLines = map[civic.Language]string{
	civic.Vietnamese: "Ý kiến được xử lý chung với một ý kiến gần như trùng nội dung.", civic.English: "It is handled together with a nearly identical submission.",
}

// told is what a digest says of a message.
func told(kind civic.MessageKind, lang civic.Language, l letter) string {
	line := lines[lang][kind]
	if kind == civic.MessageMoved && l.Joined {
		line = joinedLines[lang]
	}
	return l.fill(line)
}

// fill puts values into a short text.
func (l letter) fill(line string) string {
	return strings.NewReplacer("{code}", l.Code, "{due}", l.DueOn, "{reply}", l.ReplyBy, "{agency}", l.Agency).Replace(line)
}
