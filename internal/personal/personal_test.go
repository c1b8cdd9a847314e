package personal_test

import (
	"strings"
	"testing"

	"hienke/internal/personal"
)

// marked shows what was found: the kind and the text.
func marked(text string) string {
	var out []string
	for _, f := range personal.Find(text) {
		out = append(out, string(f.Kind)+" "+text[f.Start:f.End])
	}
	return strings.Join(out, "; ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"a mobile number", "Xin gọi 0912 345 678 giúp tôi.", "phone 0912 345 678"},
		{"a mobile number without spaces", "ĐT:0912345678", "phone 0912345678"},
		{"a mobile number with the country", "SĐT +84 912 345 678", "phone +84 912 345 678"},
		{"a landline", "Điện thoại 024.3822.1234, buổi sáng", "phone 024.3822.1234"},
		{"a foreign number", "Call +49 30 1234567", "phone +49 30 1234567"},
		{"an e-mail address", "Thư gửi lan.nguyen@example.vn.", "email lan.nguyen@example.vn"},
		{"an identity number by its shape", "Số của tôi: 001085012345", "identity 001085012345"},
		{"an old identity number by the word before it", "CMND số 012345678 cấp ngày 2/3/2010", "identity 012345678"},
		{"a bank account", "chuyển vào số tài khoản 19034567890123 tại ngân hàng", "account 19034567890123"},
		{"an account that looks like a telephone number", "STK 0912345678", "account 0912345678"},
		{"a home", "Tôi trú tại thôn Đông, xã Mẫu, có ý kiến. Đề nghị xem xét.", "address thôn Đông, xã Mẫu, có ý kiến"},
		{"a home with a number", "Địa chỉ: số 5 ngõ 12 phố Mẫu\nTôi kiến nghị", "address số 5 ngõ 12 phố Mẫu"},
		{"a name", "Tôi tên là Nguyễn Thị Mẫu, giáo viên.", "name Nguyễn Thị Mẫu"},
		{"a signature", "Trân trọng.\nKý tên: Trần Văn Mẫu", "name Trần Văn Mẫu"},
		{"several", "Tôi là Lê Mẫu, ĐT 0987654321, thư mau@example.vn", "name Lê Mẫu; phone 0987654321; email mau@example.vn"},
		{"without accents", "toi tru tai thon 3 xa Mau", "address thon 3 xa Mau"},
		{"in English", "My name is Jane Sample. I live at 5 Sample Street.", "name Jane Sample; address 5 Sample Street"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := marked(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFindLeavesAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Nghị quyết 57-NQ/TW ngày 22/12/2024", "Luật số 91/2025/QH15", "Nghị định 356/2025/NĐ-CP", "Hồ sơ HK-1234-5678-9012",
		"giá 1.200.000 đồng", "ngân sách 10 000 000 000 đồng", "từ năm 2020-2025", "khoảng 0,5 ha", "kinh độ 105.8342, vĩ độ 21.0278",
		"tổng đài 1900 1234", "tăng 12,5 %", "ngày 02-03-2026", "mã số thuế là bắt buộc", "Tôi là giáo viên ở xã vùng cao", "tôi là người Hà Nội",
		"địa chỉ trang web của bộ", "địa chỉ này hay bị lỗi", "thường trú là thủ tục khó", "cơ sở dữ liệu 123456789012345678901234567890",
		"tài khoản VNeID mức 2", "căn cước gắn chip từ 2021", "", "@ @@ a@b",
	} {
		if got := marked(text); got != "" {
			t.Errorf("%q: found %q", text, got)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("Tôi tên là Nguyễn Thị Mẫu, trú tại thôn 3, ĐT 0912345678")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, found := range personal.Find(text) {
			if found.Start < end || found.End <= found.Start || found.End > len(text) {
				t.Fatalf("%+v does not lie behind %d in a text of %d bytes", found, end, len(text))
			}
			end = found.End
		}
	})
}
