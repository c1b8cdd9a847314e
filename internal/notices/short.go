package notices

import (
	"fmt"
	"strings"

	"hienke/internal/civic"
)

// shortLetters is the most that two parts of a short message hold in letters
// outside of the Latin alphabet of 1985 (UCS-2, GSM 03.40).
const shortLetters = 2 * 67

// shorts are what a telephone gets: the code and a date. Never the secret and
// never a word of the text, for the phone may lie on a table.
var shorts = map[civic.Language]map[civic.MessageKind]string{
	civic.Vietnamese: {
		civic.MessageReceipt:   "Hiến Kế: đã tiếp nhận ý kiến của ông/bà, mã {code}. Hạn trả lời: {due}.",
		civic.MessageQuestion:  "Hiến Kế: cơ quan cần ông/bà bổ sung thông tin cho hồ sơ {code} trước ngày {reply}. Xem ở mục Theo dõi hồ sơ.",
		civic.MessageReminder:  "Hiến Kế: nhắc ông/bà bổ sung thông tin cho hồ sơ {code} trước ngày {reply}.",
		civic.MessageDelayed:   "Hiến Kế: hạn trả lời hồ sơ {code} được gia hạn đến {due}.",
		civic.MessageLate:      "Hiến Kế: hồ sơ {code} chưa được trả lời đúng hạn {due}. Xem ở mục Theo dõi hồ sơ.",
		civic.MessageAnswer:    "Hiến Kế: hồ sơ {code} đã có trả lời. Xem ở mục Theo dõi hồ sơ, hoặc hỏi nơi tiếp nhận.",
		civic.MessageCorrected: "Hiến Kế: câu trả lời của hồ sơ {code} đã được đính chính. Xem ở mục Theo dõi hồ sơ.",
		civic.MessageRejected:  "Hiến Kế: hồ sơ {code} không được thụ lý. Lý do ở mục Theo dõi hồ sơ, hoặc hỏi nơi tiếp nhận.",
		civic.MessageMoved:     "Hiến Kế: hồ sơ {code} có bước mới. Xem ở mục Theo dõi hồ sơ.",
		civic.MessageReopened:  "Hiến Kế: đề nghị xem xét lại hồ sơ {code} đã được ghi nhận. Hạn trả lời: {due}.",
		civic.MessageClosed:    "Hiến Kế: hồ sơ {code} đã kết thúc. Xem ở mục Theo dõi hồ sơ.",
		civic.MessageContact:   "Hiến Kế: nơi nhận tin của hồ sơ {code} vừa thay đổi. Nếu không phải ông/bà, xin báo nơi tiếp nhận.",
		civic.MessageCode:      "Hiến Kế: mã hồ sơ {code}. Mã bí mật không gửi qua tin nhắn; xin hỏi nơi tiếp nhận.",
	},
	civic.English: {
		civic.MessageReceipt:   "Hiến Kế: your submission was received, code {code}. Answer due: {due}.",
		civic.MessageQuestion:  "Hiến Kế: the agency needs to know more about {code} before {reply}. See Follow a case.",
		civic.MessageReminder:  "Hiến Kế: a reminder that your reply on {code} is awaited before {reply}.",
		civic.MessageDelayed:   "Hiến Kế: the answer to {code} is now due by {due}.",
		civic.MessageLate:      "Hiến Kế: the answer to {code} was due by {due} and is late. See Follow a case.",
		civic.MessageAnswer:    "Hiến Kế: {code} has been answered. See Follow a case, or ask where you handed it in.",
		civic.MessageCorrected: "Hiến Kế: the answer to {code} was corrected. See Follow a case.",
		civic.MessageRejected:  "Hiến Kế: {code} cannot be handled here. See Follow a case for the reason.",
		civic.MessageMoved:     "Hiến Kế: there is a new step in {code}. See Follow a case.",
		civic.MessageReopened:  "Hiến Kế: your objection about {code} was taken up. Answer due: {due}.",
		civic.MessageClosed:    "Hiến Kế: {code} is closed. See Follow a case.",
		civic.MessageContact:   "Hiến Kế: where news of {code} go was just changed. If it was not you, please tell the office.",
		civic.MessageCode:      "Hiến Kế: your code is {code}. The secret is not sent to telephones; please ask the office.",
	},
}

// short writes what goes to a telephone.
func short(kind civic.MessageKind, lang civic.Language, l letter) string {
	text, ok := shorts[lang][kind]
	if !ok {
		text = shorts[lang][civic.MessageMoved]
	}
	return l.fill(text)
}

// inShort is how many codes a short digest names.
const inShort = 2

// shortDigests go before and behind the codes.
var shortDigests = map[civic.Language][3]string{
	civic.Vietnamese: {"Hiến Kế: có bước mới ở hồ sơ ", " và %d hồ sơ khác", ". Xem ở mục Theo dõi hồ sơ."},
	civic.English:    {"Hiến Kế: there are new steps in ", " and %d more", ". See Follow a case."},
}

// shortDigest tells a telephone of several cases at once.
func shortDigest(lang civic.Language, items []step) string {
	var codes []string
	for _, item := range items[:min(len(items), inShort)] {
		codes = append(codes, item.Code)
	}
	words := shortDigests[lang]
	text := words[0] + strings.Join(codes, ", ")
	if more := len(items) - inShort; more > 0 {
		text += fmt.Sprintf(words[1], more)
	}
	return text + words[2]
}
