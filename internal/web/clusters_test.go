package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// different is a submission of other words, so that nothing joins by itself.
func (b *browser) different(title string) sent {
	b.w.t.Helper()
	s := b.submit(func(form url.Values) { form.Set("title", title) })
	b.w.toTriage(s.code)
	return s
}

func TestAMergeAnObjectionAndItsJudgement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.browser(), w.browser()
	root, other := one.different("Bỏ bản giấy trong hồ sơ khoa học"), two.different("Cho ký số hồ sơ nhiệm vụ")
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	coordinator.get("/staff/cases/"+other.code4+"?into="+root.code4).is(http.StatusOK, `id="act-merge" open`, `value="`+root.code4+`"`)
	coordinator.act(other, "merge", url.Values{"into": {""}}).is(http.StatusUnprocessableEntity, "Nhập mã hồ sơ sẽ gộp vào")
	coordinator.act(other, "merge", url.Values{"into": {other.code4}, "reason": {"Lý do đã gõ"}}).is(http.StatusConflict, "chính nó", "Lý do đã gõ")
	coordinator.follow(coordinator.act(other, "merge", url.Values{"into": {root.code4}, "reason": {"Cùng một việc."}})).
		is(http.StatusOK, "Đã gộp hồ sơ", "Gộp với ý kiến gửi trước", "Làm hồ sơ đại diện")
	coordinator.get("/staff/cases/"+root.code4).is(http.StatusOK, "Nhóm này có thêm 1 ý kiến", "Tách một nhóm ra", "Với các ý kiến được gộp cùng")
	two.get("/vi/track/"+other.code4).is(http.StatusOK, "Nội dung của tôi khác", "Cùng một việc.", "Chỉ làm được một lần").hasNot(root.code4)

	object := "/vi/track/" + other.code4 + "/object"
	two.post(object, url.Values{}).is(http.StatusUnprocessableEntity, `href="#object-reason"`)
	w.browser().post(object, url.Values{"reason": {"Khác"}}).is(http.StatusUnauthorized, "chưa được gửi")
	two.follow(two.post(object, url.Values{"reason": {"Tôi hỏi việc <b>khác</b>."}})).
		is(http.StatusOK, "Đã ghi nhận", "Tôi hỏi việc &lt;b&gt;khác&lt;/b&gt;.").hasNot("Nội dung của tôi khác")
	coordinator.get("/staff/queue").is(http.StatusOK, "người gửi cho biết nội dung khác")
	coordinator.act(other, "merge", url.Values{"into": {root.code4}}).is(http.StatusUnprocessableEntity, `href="#merge-reason"`)
	coordinator.follow(coordinator.act(other, "merge", url.Values{"into": {root.code4}, "reason": {"Đã đọc lại, cùng một việc."}})).is(http.StatusOK)
	two.get("/vi/track/"+other.code4).is(http.StatusOK, "Đã đọc lại, cùng một việc.").hasNot("Nội dung của tôi khác")
	two.post(object, url.Values{"reason": {"Vẫn khác."}}).is(http.StatusConflict, "đã đề nghị xem xét riêng một lần")

	coordinator.follow(coordinator.act(other, "lead", url.Values{})).is(http.StatusOK, "Đã đổi hồ sơ đại diện", "Nhóm này có thêm 1 ý kiến")
	two.get("/vi/track/"+other.code4).is(http.StatusOK, "Đang phân loại").hasNot("hồ sơ đại diện")
	coordinator.act(other, "split-cluster", url.Values{"members": {"HK-2222-2222-2222"}}).is(http.StatusUnprocessableEntity, "không thuộc nhóm này")
	coordinator.follow(coordinator.act(other, "split-cluster", url.Values{"members": {root.code4 + "\r\n"}})).is(http.StatusOK, "Đã tách các hồ sơ")
}

func TestACaseIsSplitOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	citizen := w.browser()
	whole := citizen.different("Hai việc trong một thư")
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	form := url.Values{
		"parts.0.title": {"Ký số hồ sơ nhiệm vụ"}, "parts.0.body": {"Đề nghị cho ký số toàn bộ hồ sơ nhiệm vụ khoa học."}, "parts.2.title": {"Còn"},
	}
	coordinator.act(whole, "split", form).is(http.StatusUnprocessableEntity, `href="#split-parts-1-title"`, `href="#split-parts-2-title"`, "Ký số hồ sơ nhiệm vụ")
	form.Del("parts.2.title")
	done := coordinator.follow(coordinator.act(whole, "split", form)).is(http.StatusOK, "Đã tạo các hồ sơ riêng", "tách ra từ hồ sơ này")
	part := done.find(`(?s)id="related".*?hk-code">(HK-[0-9A-Z-]+)<`)
	coordinator.get("/staff/cases/"+part).is(http.StatusOK, "ý kiến gốc nêu nhiều việc", whole.code4)
	citizen.get("/vi/track/"+whole.code4).is(http.StatusOK, "Các hồ sơ tách từ ý kiến này", part)
}

func TestARefusalIsRepeatedForTheSameReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.browser().submit(nil)
	later := w.browser().submit(nil)
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	w.put(root.code, func(_ store.Tx, s *civic.Submission) error {
		s.Rejection = civic.Rejection{Reason: "out_of_scope", Message: "Việc này thuộc thẩm quyền của Tòa án."}
		return s.Move(civic.Rejected)
	})
	w.put(later.code, func(tx store.Tx, s *civic.Submission) error {
		first, err := tx.Submissions().GetByCode(t.Context(), root.code)
		if err != nil {
			return err
		}
		return tx.Matches().PutSimilar(t.Context(), s.ID, []civic.Similar{
			{Submission: s.ID, Other: first.ID, Rank: 1, Score: 1, Jaccard: 1, Obstacle: "refused"},
		})
	})
	page := coordinator.get("/staff/cases/"+later.code4).is(http.StatusOK, "hồ sơ kia không được thụ lý", "Không thụ lý với cùng lý do")
	link := page.find(`href="(/staff/cases/[^"]+like=[^"#]+)#act-reject"`)
	coordinator.get(link).is(http.StatusOK, `id="act-reject" open`, "Việc này thuộc thẩm quyền của Tòa án.", `<option value="out_of_scope" selected`)
	coordinator.get("/staff/cases/" + later.code4 + "?like=HK-2222-2222-2222").is(http.StatusOK).hasNot("Tòa án")
}
