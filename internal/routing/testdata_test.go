package routing_test

import (
	"fmt"
	"strings"

	"hienke/internal/routing"
)

// The agencies of the small golden cases.
const (
	science   = "most"
	health    = "moh"
	education = "moet"
	transport = "moc"
)

// seeds are descriptions of agencies as a registry has them.
func seeds() []routing.Example {
	describe := func(label, text string) routing.Example {
		return routing.Example{Label: label, Text: text, Weight: 2, Seed: true}
	}
	return []routing.Example{
		describe(science, "Bộ Khoa học và Công nghệ\nNghiên cứu khoa học, phát triển công nghệ, đổi mới sáng tạo, sở hữu trí tuệ, sáng chế, bưu chính, viễn thông, chuyển đổi số, trí tuệ nhân tạo"),
		describe(health, "Bộ Y tế\nKhám bệnh, chữa bệnh, bệnh viện, bảo hiểm y tế, thuốc, vắc xin, an toàn thực phẩm, phòng bệnh, trẻ em"),
		describe(education, "Bộ Giáo dục và Đào tạo\nTrường học, giáo viên, học sinh, sinh viên, chương trình giáo dục, thi tốt nghiệp, tuyển sinh, học phí"),
		describe(transport, "Bộ Xây dựng\nĐường bộ, đường sắt, cầu, hàng không, quy hoạch đô thị, nhà ở xã hội, giấy phép lái xe, đăng kiểm"),
	}
}

// history is confirmed routings, a few dozen for each agency, from patterns
// that leave the subject to chance.
func history() []routing.Example {
	subjects := map[string][]string{
		science:   {"đăng ký sáng chế", "nhiệm vụ nghiên cứu khoa học", "cơ sở dữ liệu công nghệ", "sóng viễn thông vùng núi", "sàn giao dịch công nghệ", "quỹ đổi mới sáng tạo"},
		health:    {"giường bệnh viện huyện", "thuốc bảo hiểm y tế", "tiêm vắc xin cho trẻ", "khám bệnh từ xa", "bác sĩ trạm y tế xã", "kiểm tra an toàn thực phẩm"},
		education: {"sách giáo khoa", "lương giáo viên mầm non", "thi tốt nghiệp trung học", "học phí đại học", "trường học vùng cao", "tuyển sinh lớp mười"},
		transport: {"sửa đường quốc lộ", "xây cầu qua sông", "đăng kiểm ô tô", "vé tàu đường sắt", "nhà ở xã hội cho công nhân", "đổi giấy phép lái xe"},
	}
	var examples []routing.Example
	for label, list := range subjects {
		for i := range 36 {
			a, b := list[i%len(list)], list[(i/2+1)%len(list)]
			text := fmt.Sprintf("Kiến nghị về %s\nTôi đề nghị cơ quan xem xét %s và %s cho người dân, lần thứ %d.", a, a, b, i)
			examples = append(examples, routing.Example{Text: text, Label: label})
		}
	}
	return examples
}

func everyAgency(string) bool { return true }

// endless are texts that must cost no more than a long honest one.
func endless() map[string]string {
	var different strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&different, "w%d ", i)
	}
	return map[string]string{
		"one letter a million times": strings.Repeat("a", 1_000_000),
		"one word very often":        strings.Repeat("đất ", 250_000),
		"emoji":                      strings.Repeat("👩‍🔬", 50_000),
		"bad bytes":                  strings.Repeat("\xff", 1_000_000),
		"different words":            different.String(),
		"line ends":                  strings.Repeat("\n", 1_000_000),
		"marks":                      strings.Repeat("\u0301", 300_000),
		"nothing":                    "",
		"one word":                   "x",
		"mixed scripts":              strings.Repeat("đất 土地 земля أرض ที่ดิน 🌏 ", 20_000),
	}
}
