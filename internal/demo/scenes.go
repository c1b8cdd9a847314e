package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/accounts"
	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/directory"
	"hienke/internal/errs"
	"hienke/internal/opinions"
	"hienke/internal/privacy"
)

// Addresses of more demo staff, who see pages that the others do not.
const (
	Lead           = "lead@demo.test"
	DataProtection = "privacy@demo.test"
	Auditor        = "auditor@demo.test"

	education     = "officer.giaoduc@demo.test"
	mergedOfficer = "officer.vienmau@demo.test"
)

// institute is an invented agency that went into the ministry, so that there is
// a merger to look at.
const institute = "vien-mau"

// scene is one thing more that happens to a case, once: what it leaves in the
// history tells that it did.
type scene struct {
	leaves civic.EventType
	daysTo int // before now, no later than which it happens
	play   func(p *play, sub civic.Submission) error
}

// scenes are what a case's also says.
var scenes = map[string]scene{
	// Another agency is asked and lets the day pass.
	"opinion_late": {civic.EventOpinionAsked, 8, func(p *play, sub civic.Submission) error {
		return p.Opinions.Ask(p.ctx, p.as(Officer), p.code, sub.Version, opinions.Request{
			Agency: "bo-giao-duc-dao-tao", Days: 2, Question: "Đề nghị quý Bộ cho ý kiến: nội dung này có trùng với chương trình của ngành giáo dục không?",
		})
	}},
	// Another agency is asked and answers.
	"opinion_given": {civic.EventOpinionAsked, 6, func(p *play, sub civic.Submission) error {
		err := p.Opinions.Ask(p.ctx, p.as(Officer), p.code, sub.Version, opinions.Request{
			Agency: "bo-giao-duc-dao-tao", Days: 5, Question: "Trường học có chỗ đặt trạm sạc theo tiêu chuẩn an toàn không?",
		})
		if err != nil {
			return err
		}
		asked, _, err := p.Opinions.List(p.ctx, p.as(education))
		if err != nil {
			return err
		}
		i := slices.IndexFunc(asked, func(o opinions.Seen) bool { return o.Code == p.code })
		if i < 0 {
			return nil
		}
		return p.Opinions.Give(p.ctx, p.as(education), asked[i].ID, "Các trường có sân riêng đều bố trí được một chỗ, với điều kiện có tủ điện tách biệt và hàng rào. (Nội dung minh họa.)")
	}},
	// The sender is asked for more, and the clock stands still.
	"paused": {civic.EventAsked, 2, func(p *play, sub civic.Submission) error {
		return p.Dialogue.Ask(p.ctx, p.as(Officer), p.code, sub.Version, "Đề nghị ông/bà cho biết xã đang ở và loại giấy tờ đã thử ký. (Nội dung minh họa.)")
	}},
	// The agency says that the case is not its own.
	"handed_back": {civic.EventHandedBack, 1, func(p *play, sub civic.Submission) error {
		return p.Triage.HandBack(p.ctx, p.as(Officer), p.code, sub.Version, "Nội dung chủ yếu về phòng cháy, không thuộc chức năng của Bộ. (Nội dung minh họa.)", "")
	}},
}

// scene plays what a case's also says, unless it was played before.
func (s *Seed) scene(ctx context.Context, c *sent, users map[string]civic.User) error {
	sc, ok := scenes[c.Also]
	if !ok {
		return nil // of an answer; see draft and approve
	}
	p := s.playing(ctx, c.ack.Code, users)
	found, err := p.Triage.Case(ctx, p.as(Coordinator), p.code)
	if err != nil || found.Submission.State != civic.InProgress ||
		slices.ContainsFunc(found.Timeline, func(e civic.Event) bool { return e.Type == sc.leaves }) {
		return err
	}
	at := s.Now.AddDate(0, 0, -sc.daysTo)
	if at.Before(found.Submission.UpdatedAt) {
		at = found.Submission.UpdatedAt
	}
	s.SetNow(at)
	if err := sc.play(p, found.Submission); err != nil {
		return fmt.Errorf("demo case %s, %s: %w", c.ID, c.Also, err)
	}
	return nil
}

// details are what an answer has beside its text: a promise that is due soon,
// where the case says so. No demo case that has one asks in sentences.
func (s *Seed) details(c Case) *answers.Details {
	if c.Also != "promise" {
		return nil
	}
	return &answers.Details{Commitments: []civic.Commitment{{
		What: "Đăng dự thảo quy chuẩn để lấy ý kiến (minh họa)", Who: "Đơn vị Mẫu", Until: civic.DateOf(s.Now.AddDate(0, 0, 2)),
	}}}
}

// approval says how an answer is approved: shown at once, in some days, or not.
func (s *Seed) approval(c Case) answers.Approval {
	if c.Also == "scheduled" {
		return answers.Approval{Publish: true, At: s.Now.Add(3 * 24 * time.Hour), Checked: true}
	}
	return answers.Approval{Publish: c.Steps == "published", Checked: true}
}

// merger adds an invented agency with a person and merges it into the ministry.
// The code tells that it was done.
func (s *Seed) merger(ctx context.Context) error {
	if s.Directory.Entry(civic.AgencyEntry, institute).Code != "" {
		return nil
	}
	e := civic.Entry{
		Kind: civic.AgencyEntry, Code: institute, Parent: string(ministry), Receives: true, Source: "Dữ liệu minh họa",
		Names: civic.Names{civic.Vietnamese: "Viện Mẫu (minh họa)", civic.English: "Sample Institute (invented)"},
	}
	if err := s.Directory.Put(ctx, civic.System, e, true, "Dữ liệu minh họa"); err != nil {
		return fmt.Errorf("demo agency: %w", err)
	}
	_, err := s.Accounts.Add(ctx, civic.System, accounts.NewUser{
		Email: mergedOfficer, Name: "Chuyên Viên Viện Mẫu", Role: civic.RoleOfficer, Agency: institute, Password: s.Password, Invented: true,
	})
	if err != nil && errs.CodeOf(err) != "user.email_taken" {
		return fmt.Errorf("demo account %s: %w", mergedOfficer, err)
	}
	if _, err := s.Directory.Merge(ctx, civic.System, directory.Merger{Code: institute, Into: string(ministry), Reason: "Sáp nhập minh họa"}); err != nil {
		return fmt.Errorf("demo merger: %w", err)
	}
	return nil
}

// request makes a request about personal data, once.
func (s *Seed) request(ctx context.Context, users map[string]civic.User) error {
	officer := civic.StaffOf(users[DataProtection])
	for _, closed := range []bool{false, true} {
		made, err := s.Privacy.List(ctx, officer, closed)
		if err != nil || len(made) > 0 {
			return err
		}
	}
	s.SetNow(s.Now.Add(-30 * time.Hour))
	_, err := s.Privacy.Ask(ctx, civic.Public, privacy.Ask{Kind: civic.PrivacySee, Language: civic.Vietnamese, Written: privacy.Written{
		Name: "Nguyễn Thị Ví Dụ", Reach: "Số 1 Phố Mẫu (địa chỉ minh họa)", Text: "Đề nghị cho biết hệ thống đang lưu những dữ liệu cá nhân nào của tôi. (Nội dung minh họa.)",
	}}, "192.0.2.1")
	if err != nil {
		return fmt.Errorf("demo request about personal data: %w", err)
	}
	return nil
}
