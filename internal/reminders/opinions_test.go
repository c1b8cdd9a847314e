package reminders_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/opinions"
	"hienke/internal/store"
)

// asking is an office that asks the Ministry of Health, where one person works.
func (o *office) asking() (*opinions.Service, civic.User, civic.Submission, civic.Opinion) {
	o.t.Helper()
	o.at(3, 2, 9, 0) // a Monday
	adviser := o.User(o.t, civic.User{Name: "Ngô Thị Ích", Email: "ich@demo.test", Role: civic.RoleOfficer, Agency: "bo-y-te"})
	s := &opinions.Service{Store: o.Store, Registry: o.Registry, Times: o.Times, Now: o.Clock.Now}
	sub := o.handled()
	o.must(s.Ask(o.t.Context(), civic.StaffOf(o.officer), sub.Code, sub.Version, opinions.Request{Agency: "bo-y-te", Question: "Quy chuẩn nào?", Days: 3}))
	var asked []civic.Opinion
	o.View(o.t, func(tx store.Tx) (err error) {
		asked, err = tx.Opinions().List(o.t.Context(), sub.ID)
		return err
	})
	return s, adviser, o.Case(o.t, sub.Code), asked[0]
}

// says returns the text of the last mail to somebody.
func (o *office) says(name string) string {
	o.t.Helper()
	all := o.server.Messages()
	for i := len(all) - 1; i >= 0; i-- {
		if strings.HasPrefix(all[i].To[0], name+"@") {
			return all[i].Text("text/plain")
		}
	}
	return ""
}

func TestALateOpinionIsRemindedOfOnce(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		_, _, sub, asked := o.asking()
		o.mailed(o.day(3, 5, 9, 0), escalation) // its last day
		got := o.day(3, 6, 9, 0)
		o.mailed(got, escalation, "cuong", "ich") // who handles the case waits for it
		if text := o.says("ich"); !strings.Contains(text, sub.Code.String()) || !strings.Contains(text, "ý kiến của Bộ Y tế") || strings.Contains(text, asked.Question) {
			o.t.Errorf("the mail says %s", text)
		}
		o.mailed(o.day(3, 9, 9, 0), escalation)
		if after := o.Case(o.t, sub.Code); !after.DueAt.Equal(sub.DueAt) {
			o.t.Errorf("the deadline of the case moved to %s", after.DueAt)
		}
	})
}

func TestAnOpinionThatCameIsNotRemindedOf(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		s, adviser, _, asked := o.asking()
		o.at(3, 6, 9, 0)
		o.sweep()
		o.must(s.Give(o.t.Context(), civic.StaffOf(adviser), asked.ID, "Áp dụng quy chuẩn tiếng ồn."))
		o.Clock.Advance(30 * time.Minute)
		o.mailed(o.post(), escalation) // it came while the mail gathered
	})
}

func TestTheMorningMailNamesOpinions(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		s, adviser, sub, asked := o.asking()
		o.mailed(o.day(3, 3, 7, 30), digest, "ich")
		if text := o.says("ich"); !strings.Contains(text, "Chờ cơ quan ông/bà cho ý kiến: 1") || !strings.Contains(text, sub.Code.String()) {
			o.t.Errorf("the morning mail says %s", text)
		}
		o.at(3, 3, 15, 0)
		o.must(s.Give(o.t.Context(), civic.StaffOf(adviser), asked.ID, "Áp dụng quy chuẩn tiếng ồn."))
		got := o.day(3, 4, 7, 30)
		if len(got["ich"]) != 0 || len(only(got, digest)) == 0 || !strings.Contains(o.says("cuong"), "Ý kiến mới nhận được: 1") {
			o.t.Errorf("the day after: %v, %s", got, o.says("cuong"))
		}
		if got := o.day(3, 5, 7, 30); strings.Contains(o.says("cuong"), "Ý kiến mới nhận được") && len(got["cuong"]) > 0 {
			o.t.Errorf("told twice: %v", got)
		}
	})
}

func TestTheMorningMailNamesToDosAndMentions(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		o.at(3, 2, 9, 0)
		sub := o.handled()
		o.Do(o.t, func(tx store.Tx) error {
			for _, day := range []int{3, 5} {
				_, err := tx.Todos().Add(o.t.Context(), civic.Todo{
					Submission: sub.ID, Text: "Gọi cho xã", User: o.substitute.ID, Until: civic.Date{Year: 2026, Month: 3, Day: day}, MadeAt: o.Clock.Now(),
				})
				if err != nil {
					return err
				}
			}
			return tx.Mentions().Add(o.t.Context(), civic.Mention{Submission: sub.ID, User: o.substitute.ID, At: o.Clock.Now()})
		})
		o.day(3, 3, 7, 30)
		if text := o.says("dung"); !strings.Contains(text, "Việc cần làm đến hôm nay: 1") || !strings.Contains(text, "Được nhắc đến trong ghi chú: 1") || strings.Contains(text, "Gọi cho xã") {
			o.t.Errorf("the morning mail says %s", text)
		}
		o.day(3, 5, 7, 30)
		if text := o.says("dung"); !strings.Contains(text, "Việc cần làm đến hôm nay: 2") || strings.Contains(text, "Được nhắc đến") {
			o.t.Errorf("two days later it says %s", text)
		}
	})
}
