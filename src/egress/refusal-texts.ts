import type { Locale } from "#platform/locale";
import type { UrlRefusal } from "./core/address-policy";

/** Why an address that a user gives is not fetched, for the field in which it stands. */
const REFUSALS: Readonly<Record<Locale, Readonly<Record<UrlRefusal, string>>>> = {
  en: {
    malformed: "This is no absolute address.",
    too_long: "The address is longer than is fetched.",
    scheme: "Only http and https are fetched.",
    credentials: "An address must not carry a user name or password.",
    port: "This port belongs to another protocol.",
    private_address: "Private, loopback, link-local and reserved addresses are not fetched.",
    private_name: "This name only means something inside a network.",
  },
  ko: {
    malformed: "절대 주소가 아닙니다.",
    too_long: "주소가 가져올 수 있는 길이를 넘습니다.",
    scheme: "http와 https 주소만 가져옵니다.",
    credentials: "주소에 사용자 이름이나 비밀번호를 넣을 수 없습니다.",
    port: "다른 프로토콜이 쓰는 포트입니다.",
    private_address: "사설, 루프백, 링크 로컬, 예약 주소는 가져오지 않습니다.",
    private_name: "내부망에서만 뜻이 있는 이름입니다.",
  },
};

/** The reason in the caller's language. */
export const describeRefusal = (refusal: UrlRefusal, locale: Locale): string =>
  REFUSALS[locale][refusal];
