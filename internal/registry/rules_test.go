package registry_test

import (
	"strings"
	"testing"

	"hienke/internal/routing"
	"hienke/internal/vitext"
)

// everyone lets a rule send to any agency.
func everyone(string) bool { return true }

func TestDeliveredRules(t *testing.T) {
	t.Parallel()
	router := routing.Router{Rules: delivered(t).RuleSet}
	tests := []struct {
		text string
		want string // the rule that decides; empty for none
	}{
		{"Kính gửi: Bộ KH&CN, tôi đề nghị mở thêm lớp về dữ liệu", "mst-addressed"},
		{"Thời gian thẩm định đơn sáng chế quá dài, hơn ba năm", "mst-industrial-property"},
		{"De nghi don gian hoa thu tuc dang ky chuyen giao cong nghe", "mst-technology-transfer"},
		{"Xã tôi là vùng lõm sóng, học sinh phải leo đồi để học trực tuyến", "mst-telecom-spectrum"},
		{"Miễn phí chữ ký số công cộng cho hộ kinh doanh", "mst-electronic-transactions"},
		{"Chữ ký số công cộng và chữ ký số chuyên dùng công vụ chưa dùng chung được", ""},
		{"Thủ tục khai báo thiết bị bức xạ của bệnh viện quá nhiều giấy tờ", "mst-nuclear-radiation"},
		{"Quy định khoán chi của quỹ NAFOSTED khó thực hiện", "mst-research-funding"},
		{"Kinh phí kiểm định phương tiện đo ở chợ", "mst-standards-metrology"},
		{"Gần một tháng chưa được trả lời, trái Quy chế 03-QC/BCĐTW", "central-office-this-system"},
		{"Không kích hoạt tài khoản định danh điện tử cho người già được", "mps-identity"},
		{"Xử phạt nặng việc mua bán dữ liệu cá nhân", "mps-personal-data"},
		{"Liên thông bệnh án điện tử giữa các bệnh viện", "moh-health-records"},
		{"Học bạ số chưa chuyển được khi học sinh chuyển trường", "moet-school-records"},
		{"Nên thí điểm cho vay ngang hàng", "sbv-payments"},
		{"Hóa đơn điện tử từ máy tính tiền hay lỗi", "mof-tax-invoices"},
		{"Đề xuất dùng trí tuệ nhân tạo để dự báo sạt lở ở miền núi", ""},
		{"Bộ Khoa học và Công nghệ và Bộ Y tế cần phối hợp tốt hơn", ""},
		{"Theo Luật Giao dịch điện tử và Luật Đấu thầu thì quy định này mâu thuẫn", ""},
		{"", ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got := router.Decide(routing.Input{Title: tt.text}, today, everyone)
			if got.RuleID != tt.want || len(got.RuleErrors) > 0 {
				t.Errorf("rule %q decides, errors %v, want %q", got.RuleID, got.RuleErrors, tt.want)
			}
		})
	}
}

// A phrase of one word would hold for every word that folds to the same.
func TestDeliveredRulesUsePhrases(t *testing.T) {
	t.Parallel()
	for _, r := range delivered(t).Rules {
		parts := strings.Split(r.When, `"`)
		for i := 1; i < len(parts); i += 2 {
			if len(vitext.Words(parts[i])) < 2 {
				t.Errorf("%s: %q is a single word", r.ID, parts[i])
			}
		}
		if r.Valid.From.IsZero() {
			t.Errorf("%s has no date", r.ID)
		}
	}
	if d := delivered(t); d.RuleSet.Len() != len(d.Rules) {
		t.Errorf("%d of %d rules are compiled", d.RuleSet.Len(), len(d.Rules))
	}
}
