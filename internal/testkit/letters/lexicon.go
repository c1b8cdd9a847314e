package letters

import (
	"math/rand/v2"
	"strings"
)

// connecting are the words that every letter is full of, the commonest first.
var connecting = fields(`và của các cho là được có trong không người tôi với này để những khi đã ở từ một nhiều về phải
	như vào việc ra đến rất nên cần thì chúng_tôi sẽ tại còn bị đó nếu do theo mà hay làm đi lại trên cũng vì nay đang
	hiện_nay vẫn chưa thêm qua sau trước mỗi năm ngày tháng hơn chỉ thể nhất đều bằng giữa mới số hai ba mười ông bà anh
	chị em nhà nơi lúc gì nào ai đâu sao thế vậy rồi xin mong kính gửi đề_nghị kiến_nghị xem_xét cơ_quan chức_năng`)

// official are the words of dealing with authorities.
var official = fields(`người_dân hỗ_trợ thủ_tục hồ_sơ quy_định giải_quyết thực_hiện triển_khai quản_lý địa_phương chính_quyền
	ủy_ban nhân_dân xã phường huyện tỉnh thành_phố bộ sở phòng cán_bộ công_chức văn_bản thông_tư nghị_định luật chính_sách
	kế_hoạch dự_án đầu_tư kinh_phí ngân_sách công_khai minh_bạch thông_tin dữ_liệu hướng_dẫn phản_ánh xử_lý kiểm_tra
	thanh_tra trách_nhiệm thời_hạn kết_quả trả_lời tiếp_nhận đăng_ký cấp_phép giấy_tờ chứng_nhận khó_khăn vướng_mắc bất_cập
	nguyên_nhân giải_pháp hiệu_quả chất_lượng dịch_vụ cộng_đồng doanh_nghiệp gia_đình xã_hội kinh_tế phát_triển đời_sống`)

// subjects are what letters are about, a line for each neighbourhood of words.
var subjects = lines(`
xe_buýt giao_thông ùn_tắc đèn_tín_hiệu vỉa_hè đường_sá ổ_gà cầu_vượt bến_xe tàu_điện xe_máy bãi_đỗ tốc_độ tai_nạn làn_đường vé_tháng trạm_dừng
trường_học học_sinh giáo_viên học_phí sách_giáo_khoa lập_trình thi_cử bán_trú mầm_non trung_học đại_học học_bổng thư_viện thiết_bị lớp_học ký_túc_xá
bệnh_viện khám_bệnh bảo_hiểm_y_tế thuốc_men bác_sĩ trạm_y_tế tiêm_chủng viện_phí xét_nghiệm điều_dưỡng cấp_cứu bệnh_án sức_khỏe người_cao_tuổi
môi_trường rác_thải nước_thải không_khí quan_trắc ô_nhiễm khói_bụi tiếng_ồn tái_chế phân_loại túi_ni_lông sông_hồ kênh_rạch cây_xanh chôn_lấp lò_đốt
đất_đai sổ_đỏ bồi_thường thu_hồi tái_định_cư quy_hoạch xây_dựng giấy_phép nhà_ở chung_cư thuê_nhà đấu_giá hạn_mức chuyển_nhượng địa_chính ranh_giới
nông_nghiệp lúa_gạo thủy_lợi trạm_bơm phân_bón thuốc_trừ_sâu hợp_tác_xã chăn_nuôi dịch_bệnh giống_cây thương_lái kho_lạnh nông_sản truy_xuất cà_phê hồ_tiêu
chuyển_đổi_số chữ_ký_số cổng_dịch_vụ định_danh mã_nguồn_mở an_toàn_thông_tin dữ_liệu_mở trí_tuệ_nhân_tạo phần_mềm máy_chủ mạng_di_động phủ_sóng băng_thông
khởi_nghiệp sáng_chế sở_hữu_trí_tuệ vay_vốn lãi_suất quỹ_đầu_tư vườn_ươm thuế_thu_nhập hóa_đơn hải_quan xuất_khẩu thị_trường thương_hiệu nhãn_mác
điện_lực mất_điện điện_mặt_trời công_tơ giá_điện lưới_điện trạm_biến_áp xăng_dầu khí_đốt tiết_kiệm nhiên_liệu pin_lưu_trữ trạm_sạc xe_điện hạ_tầng
cấp_nước nước_sạch đường_ống giếng_khoan hồ_chứa ngập_úng thoát_nước triều_cường đê_điều sạt_lở lũ_quét hạn_mặn phòng_chống thiên_tai cảnh_báo
việc_làm tiền_lương thất_nghiệp công_nhân khu_công_nghiệp tăng_ca bảo_hiểm_xã_hội nghỉ_hưu thai_sản hợp_đồng xuất_khẩu_lao_động đào_tạo_nghề tay_nghề
văn_hóa di_tích lễ_hội bảo_tàng du_lịch khách_sạn hướng_dẫn_viên làng_nghề ẩm_thực nhạc_dân_tộc thể_thao sân_vận_động công_viên nhà_văn_hóa
hộ_khẩu căn_cước khai_sinh kết_hôn tạm_trú một_cửa công_chứng lệ_phí tư_pháp hộ_tịch trích_lục chứng_thực trực_tuyến hẹn_giờ xếp_hàng
an_ninh trộm_cắp ma_túy lừa_đảo công_an camera phòng_cháy chữa_cháy thoát_hiểm vũ_trường karaoke cờ_bạc cho_vay_nặng_lãi tin_nhắn_rác cuộc_gọi
người_khuyết_tật trợ_cấp hộ_nghèo trẻ_em bình_đẳng bạo_lực dân_tộc_thiểu_số vùng_cao cứu_trợ nhà_tình_nghĩa xe_lăn thương_binh liệt_sĩ bảo_trợ`)

func fields(s string) []string {
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "_", " ")
	}
	return words
}

func lines(s string) (out [][]string) {
	for line := range strings.Lines(s) {
		if words := fields(line); len(words) > 0 {
			out = append(out, words)
		}
	}
	return out
}

// The parts of a syllable. A rime that ends in a stop takes two tones only.
var (
	onsets = strings.Fields("b c ch d đ g h kh l m n ng nh ph qu r s t th tr v x")
	rimes  = strings.Fields(`a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăt âm ân âng âp ât âu ây e em en eo et ê êch ên
		ênh êu i ich iêm iên iêng iêt iêu im in inh ip it o oa oai oan oang oc oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn
		ơt u uc ui um un ung uôc uôi uôn uông uôt ut ư ưa ưc ưng ươc ươi ươm ươn ương ươt ưu`)
	toned = []string{"aáàảãạ", "ăắằẳẵặ", "âấầẩẫậ", "eéèẻẽẹ", "êếềểễệ", "iíìỉĩị", "oóòỏõọ", "ôốồổỗộ", "ơớờởỡợ", "uúùủũụ", "ưứừửữự"}
)

// syllable makes a syllable as the language allows it, meaning or none.
func syllable(r *rand.Rand) string {
	onset, rime := onsets[r.IntN(len(onsets))], rimes[r.IntN(len(rimes))]
	if strings.HasPrefix(rime, "i") || strings.HasPrefix(rime, "e") || strings.HasPrefix(rime, "ê") {
		switch onset {
		case "c":
			onset = "k"
		case "g", "ng":
			onset += "h"
		}
	}
	tone := r.IntN(6)
	if strings.HasSuffix(rime, "c") || strings.HasSuffix(rime, "ch") || strings.HasSuffix(rime, "p") || strings.HasSuffix(rime, "t") {
		tone = 1 + 4*r.IntN(2)
	}
	return onset + withTone(rime, tone)
}

// withTone puts the tone on the last vowel with a mark of its own, or on the
// first.
func withTone(rime string, tone int) string {
	letters := []rune(rime)
	place := -1
	for i, l := range letters {
		if strings.ContainsRune("ăâêôơư", l) || place < 0 && strings.ContainsRune("aeiou", l) {
			place = i
		}
	}
	for _, row := range toned {
		if forms := []rune(row); forms[0] == letters[place] {
			letters[place] = forms[tone]
			break
		}
	}
	return string(letters)
}
