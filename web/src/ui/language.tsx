// SPDX-License-Identifier: MIT
import { language, setLanguage, t } from '../i18n';

/** The button that says "한국어" in English and "English" in Korean. */
export function LanguageSwitch({ class: name }: { class: string }) {
  const other = language.value === 'ko' ? 'en' : 'ko';
  return <button type="button" class={name} data-language lang={other} onClick={() => void setLanguage(other)}>{t('otherLanguage')}</button>;
}
